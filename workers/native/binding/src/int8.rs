//! int8 linear layers and attention: order and names of arguments as in `lib/int8.ts`.

use napi::{Result, sys};
use napi_derive::napi;
use stillwatt_kernels::KernelError;
use stillwatt_kernels::int8::{self, InhibitorParameters, PackedWeights, linear_dynamic};

use crate::arrays::{Array, Element, Floats, Integers, apart};
use crate::attention::shape;
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

    #[napi(catch_unwind)]
    pub fn int8_dot_attention(
        &self,
        projected: Floats,
        lengths: Integers,
        context: Floats,
        batch: u32,
        tokens: u32,
        heads: u32,
        features: u32,
    ) -> Result<()> {
        apart(&[&context], &[&projected, &lengths])?;
        let shape = shape([batch, tokens, heads, features]);
        // SAFETY: apart.
        let (projected, lengths, out) =
            unsafe { (projected.read(), lengths.read(), context.write()) };
        int8::dot_attention(&self.context, shape, projected, lengths, out).map_err(failure)
    }

    #[napi(catch_unwind)]
    pub fn int8_inhibitor_attention(
        &self,
        projected: Floats,
        lengths: Integers,
        context: Floats,
        alpha: Floats,
        beta: Floats,
        gamma: Floats,
        normalise: bool,
        center_over_all: bool,
        batch: u32,
        tokens: u32,
        heads: u32,
        features: u32,
    ) -> Result<()> {
        apart(&[&context], &[&projected, &lengths, &alpha, &beta, &gamma])?;
        let shape = shape([batch, tokens, heads, features]);
        // SAFETY: apart.
        let (projected, lengths, out) =
            unsafe { (projected.read(), lengths.read(), context.write()) };
        // SAFETY: apart.
        let scalars = unsafe { [alpha.read(), beta.read(), gamma.read()] };
        // one of the layer, or one of each head
        let fits = |scalar: &[f32]| scalar.len() == 1 || scalar.len() == shape.heads;
        if !scalars.iter().all(|scalar| fits(scalar)) {
            let text = "α, β and γ have one value or one for each head";
            return Err(failure(KernelError::Invalid(text.into())));
        }
        let of = |scalar: usize, head: usize| scalars[scalar][head % scalars[scalar].len()];
        let parameters = |head: usize| InhibitorParameters {
            alpha: of(0, head),
            beta: of(1, head),
            gamma: of(2, head),
            normalise,
            center_over_all,
        };
        int8::inhibitor_attention(&self.context, shape, parameters, projected, lengths, out)
            .map_err(failure)
    }
}
