//! Weights laid out once for products, for inference and frozen models.

use super::check_sizes;
use super::panels::{self, Line, Panels, Source};
use super::product::Right;
use crate::error::{KernelError, Result, check_len};

/// W (O, I), packed; about the memory of W.
pub struct PackedFloat {
    lines: Vec<Line>,
    outputs: usize,
    inputs: usize,
}

impl PackedFloat {
    pub fn new(weight: &[f32], outputs: usize, inputs: usize) -> Result<Self> {
        check_sizes(1, inputs, outputs)?;
        check_len("weight", weight, outputs * inputs)?;
        let mut lines = vec![Line::ZERO; Panels::lines(inputs, outputs)];
        panels::pack_plainly(Source::Columns(weight), &mut lines, inputs, outputs);
        Ok(Self {
            lines,
            outputs,
            inputs,
        })
    }

    pub fn outputs(&self) -> usize {
        self.outputs
    }

    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Memory: columns are padded to panels.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.lines[..])
    }

    pub(super) fn panels(&self) -> Panels<'_> {
        Panels {
            lines: &self.lines,
            depth: self.inputs,
            columns: self.outputs,
        }
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
    pub(super) fn transposed(self) -> Right<'a> {
        match self {
            Self::Plain(values) => Right::Plain(Source::Columns(values)),
            Self::Packed(packed) => Right::Packed(packed),
        }
    }
}
