//! Weights laid out once for products, for inference and frozen models.

use rten_gemm::PackedBMatrix;

use super::check_sizes;
use super::product::{Matrix, Right, gemm};
use crate::error::{KernelError, Result, check_len};

/// W (O, I), packed; about the memory of W.
pub struct PackedFloat {
    pub(super) matrix: PackedBMatrix<f32>,
}

impl PackedFloat {
    pub fn new(weight: &[f32], outputs: usize, inputs: usize) -> Result<Self> {
        check_sizes(1, inputs, outputs)?;
        check_len("weight", weight, outputs * inputs)?;
        let transposed = Matrix::rows_of(weight, outputs, inputs).transposed();
        Ok(Self {
            matrix: gemm().prepack_b(transposed.view()?),
        })
    }

    pub fn outputs(&self) -> usize {
        self.matrix.cols()
    }

    pub fn inputs(&self) -> usize {
        self.matrix.rows()
    }

    /// Memory, about: the library pads columns to its tiles.
    pub fn bytes(&self) -> usize {
        4 * self.inputs() * self.outputs().next_multiple_of(32)
    }
}

/// Either gives the same bits.
#[derive(Clone, Copy)]
pub enum Weight<'a> {
    /// (O, I), row after row; packed anew by every call.
    Plain(&'a [f32]),
    Packed(&'a PackedFloat),
}

impl<'a> Weight<'a> {
    pub(super) fn check(self, outputs: usize, inputs: usize) -> Result<()> {
        match self {
            Self::Plain(values) => check_len("weight", values, outputs * inputs),
            Self::Packed(packed) => {
                let (found_outputs, found_inputs) = (packed.outputs(), packed.inputs());
                if (found_outputs, found_inputs) == (outputs, inputs) {
                    return Ok(());
                }
                Err(KernelError::Invalid(format!(
                    "the packed weight is ({found_outputs}, {found_inputs}), not ({outputs}, {inputs})"
                )))
            }
        }
    }

    /// Wᵀ, the right side of the product.
    pub(super) fn transposed(self, outputs: usize, inputs: usize) -> Right<'a> {
        match self {
            Self::Plain(values) => Matrix::rows_of(values, outputs, inputs).transposed().into(),
            Self::Packed(packed) => Right::Packed(packed),
        }
    }
}
