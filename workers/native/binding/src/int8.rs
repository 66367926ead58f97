//! int8 linear layers: order and names of arguments as in `lib/int8.ts`.

use napi::{Result, sys};
use napi_derive::napi;
use stillwatt_kernels::int8::{PackedWeights, linear_dynamic};

use crate::arrays::{Array, Element, Floats, apart};
use crate::failure::failure;
use crate::kernels::NativeKernels;

impl Element for i8 {
    const KIND: i32 = sys::TypedarrayType::int8_array;
    const NAME: &'static str = "Int8Array";
}

/// An int8 weight laid out for products; freed with the object.
#[napi]
pub struct PackedInt8 {
    inner: PackedWeights,
}

#[napi]
impl PackedInt8 {
    #[napi(getter)]
    pub fn outputs(&self) -> u32 {
        self.inner.outputs() as u32
    }

    #[napi(getter)]
    pub fn inputs(&self) -> u32 {
        self.inner.inputs() as u32
    }

    #[napi(getter)]
    pub fn bytes(&self) -> f64 {
        self.inner.bytes() as f64
    }
}

#[napi]
impl NativeKernels {
    #[napi(catch_unwind)]
    pub fn pack_int8(
        &self,
        values: Array<i8>,
        scales: Floats,
        outputs: u32,
        inputs: u32,
    ) -> Result<PackedInt8> {
        // SAFETY: nothing is written.
        let (values, scales) = unsafe { (values.read(), scales.read()) };
        let inner = PackedWeights::new(values, scales, outputs as usize, inputs as usize);
        Ok(PackedInt8 {
            inner: inner.map_err(failure)?,
        })
    }

    #[napi(catch_unwind)]
    pub fn int8_linear(
        &self,
        x: Floats,
        weight: &PackedInt8,
        bias: Floats,
        y: Floats,
    ) -> Result<()> {
        apart(&[&y], &[&x, &bias])?;
        // SAFETY: apart.
        let (x, bias, y) = unsafe { (x.read(), bias.read(), y.write()) };
        linear_dynamic(&self.context, x, &weight.inner, bias, y).map_err(failure)
    }
}
