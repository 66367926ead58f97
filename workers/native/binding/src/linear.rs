//! Linear layers: order and names of arguments as in `lib/linear.ts`.

use std::ops::Range;

use napi::Result;
use napi::bindgen_prelude::{ClassInstance, Either};
use napi_derive::napi;
use stillwatt_kernels::linear::{self, Weight};

use crate::arrays::{Floats, Span, apart};
use crate::failure::failure;
use crate::kernels::NativeKernels;

/// As the caller has it, or laid out.
type LayerWeight<'a> = Either<Floats, ClassInstance<'a, PackedFloat>>;

impl Span for LayerWeight<'_> {
    fn add_to(&self, spans: &mut Vec<Range<usize>>) {
        // nobody can write what is laid out
        if let Either::A(plain) = self {
            plain.add_to(spans);
        }
    }

    fn is_current(&self) -> bool {
        match self {
            Either::A(plain) => plain.is_current(),
            Either::B(_) => true,
        }
    }
}

/// # Safety
/// As [`Floats::read`].
unsafe fn read<'a>(weight: &'a LayerWeight) -> Weight<'a> {
    match weight {
        // SAFETY: the caller's promise.
        Either::A(plain) => Weight::Plain(unsafe { plain.read() }),
        Either::B(packed) => Weight::Packed(&packed.inner),
    }
}

/// A weight laid out for products; freed with the object.
#[napi]
pub struct PackedFloat {
    inner: linear::PackedFloat,
}

#[napi]
impl PackedFloat {
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
    /// What multiplies f32 matrices.
    #[napi(getter)]
    pub fn gemm(&self) -> String {
        linear::gemm_name().into()
    }

    #[napi(catch_unwind)]
    pub fn pack_float(&self, weight: Floats, outputs: u32, inputs: u32) -> Result<PackedFloat> {
        // SAFETY: nothing is written.
        let weight = unsafe { weight.read() };
        let inner = linear::PackedFloat::new(weight, outputs as usize, inputs as usize);
        Ok(PackedFloat {
            inner: inner.map_err(failure)?,
        })
    }

    #[napi(catch_unwind)]
    pub fn linear(
        &self,
        x: Floats,
        weight: LayerWeight,
        bias: Option<Floats>,
        y: Floats,
        tokens: u32,
        inputs: u32,
        outputs: u32,
    ) -> Result<()> {
        apart(&[&y], &[&x, &weight, &bias])?;
        // SAFETY: apart.
        let (x, weight) = unsafe { (x.read(), read(&weight)) };
        // SAFETY: apart.
        let (bias, y) = unsafe { (bias.map(|bias| bias.read()), y.write()) };
        let [tokens, inputs, outputs] = [tokens, inputs, outputs].map(|size| size as usize);
        linear::linear(&self.context, x, weight, bias, y, tokens, inputs, outputs).map_err(failure)
    }

    #[napi(catch_unwind)]
    pub fn linear_gelu(
        &self,
        x: Floats,
        weight: LayerWeight,
        bias: Option<Floats>,
        u: Option<Floats>,
        y: Floats,
        tokens: u32,
        inputs: u32,
        outputs: u32,
    ) -> Result<()> {
        apart(&[&u, &y], &[&x, &weight, &bias])?;
        let [tokens, inputs, outputs] = [tokens, inputs, outputs].map(|size| size as usize);
        // SAFETY: apart.
        let done = unsafe {
            linear::linear_gelu(
                &self.context,
                x.read(),
                read(&weight),
                bias.map(|bias| bias.read()),
                u.map(|u| u.write()),
                y.write(),
                tokens,
                inputs,
                outputs,
            )
        };
        done.map_err(failure)
    }

    #[napi(catch_unwind)]
    pub fn linear_input_gradient(
        &self,
        dy: Floats,
        weight: Floats,
        dx: Floats,
        tokens: u32,
        inputs: u32,
        outputs: u32,
        accumulate: bool,
    ) -> Result<()> {
        apart(&[&dx], &[&dy, &weight])?;
        // SAFETY: apart.
        let (dy, weight, dx) = unsafe { (dy.read(), weight.read(), dx.write()) };
        let [tokens, inputs, outputs] = [tokens, inputs, outputs].map(|size| size as usize);
        linear::linear_input_gradient(
            &self.context,
            dy,
            weight,
            dx,
            tokens,
            inputs,
            outputs,
            accumulate,
        )
        .map_err(failure)
    }

    #[napi(catch_unwind)]
    pub fn linear_weight_gradient(
        &self,
        dy: Floats,
        x: Floats,
        dw: Floats,
        db: Option<Floats>,
        tokens: u32,
        inputs: u32,
        outputs: u32,
    ) -> Result<()> {
        apart(&[&dw, &db], &[&dy, &x])?;
        // SAFETY: apart.
        let (dy, x, dw, db) = unsafe { (dy.read(), x.read(), dw.write(), db.map(|db| db.write())) };
        let [tokens, inputs, outputs] = [tokens, inputs, outputs].map(|size| size as usize);
        linear::linear_weight_gradient(&self.context, dy, x, dw, db, tokens, inputs, outputs)
            .map_err(failure)
    }
}
