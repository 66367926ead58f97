//! Matrix products by `rten-gemm`, so called that each element has one order of summation.

use std::sync::LazyLock;

use rten_gemm::{BiasVector, GemmExecutor, GemmInputA, GemmInputB, GemmOptions};
use rten_tensor::{Matrix as View, NdTensorView};

use super::packed::PackedFloat;
use crate::context::Context;
use crate::error::{KernelError, Result};

/// Holds the choice of instructions, nothing else: made where it is used, without memory.
pub fn gemm() -> GemmExecutor<f32> {
    GemmExecutor::new()
}

/// Name of the library's kernel that this CPU gets, for the record of a run.
pub fn gemm_name() -> &'static str {
    static NAME: LazyLock<String> = LazyLock::new(|| gemm().kernel_name().into());
    &NAME
}

/// A matrix in a slice, rows or columns contiguous.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    values: &'a [f32],
    shape: [usize; 2],
    strides: [usize; 2],
}

impl<'a> Matrix<'a> {
    /// (rows, columns), row after row.
    pub fn rows_of(values: &'a [f32], rows: usize, columns: usize) -> Self {
        Self {
            values,
            shape: [rows, columns],
            strides: [columns, 1],
        }
    }

    pub fn transposed(self) -> Self {
        let ([rows, columns], [down, right]) = (self.shape, self.strides);
        Self {
            shape: [columns, rows],
            strides: [right, down],
            ..self
        }
    }

    pub fn view(self) -> Result<View<'a>> {
        NdTensorView::from_slice_with_strides(self.shape, self.values, self.strides)
            .map_err(|error| refused(&error))
    }
}

pub enum Right<'a> {
    Plain(Matrix<'a>),
    Packed(&'a PackedFloat),
}

impl<'a> From<Matrix<'a>> for Right<'a> {
    fn from(matrix: Matrix<'a>) -> Self {
        Self::Plain(matrix)
    }
}

/// a·b + bias (by column), or what was there + a·b.
pub struct Product<'a> {
    pub a: Matrix<'a>,
    pub b: Right<'a>,
    pub bias: Option<&'a [f32]>,
    pub accumulate: bool,
}

pub fn multiply(context: &Context, product: Product, to: &mut [f32]) -> Result<()> {
    let a = product.a.view()?;
    let options = GemmOptions {
        beta: if product.accumulate { 1.0 } else { 0.0 },
        bias: product.bias.map(BiasVector::Row),
        ..GemmOptions::default()
    };
    let b = match product.b {
        Right::Plain(matrix) => GemmInputB::Unpacked(matrix.view()?),
        Right::Packed(packed) => GemmInputB::Packed(&packed.matrix),
    };
    let single = product.a.shape[0] == 1 && matches!(b, GemmInputB::Unpacked(_));
    let done = context.pool.install(|| {
        let gemm = gemm();
        if single {
            let row = gemm.prepack_a(a);
            gemm.gemm(to, GemmInputA::Packed(&row), b, options)
        } else {
            gemm.gemm(to, GemmInputA::Unpacked(a), b, options)
        }
    });
    done.map_err(|error| refused(&error))
}

/// Sizes are checked before: this is not reached by any caller's mistake.
fn refused(error: &dyn std::fmt::Display) -> KernelError {
    KernelError::Invalid(format!("the matrix product refused its arguments: {error}"))
}
