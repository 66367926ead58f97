//! A linear layer of either precision: y = x·Wᵀ + b, x and y in f32.

use std::ops::Range;

use super::config::Precision;
use super::tensors::Tensors;
use crate::context::Context;
use crate::error::Result;
use crate::int8::{self, PackedWeights, RowScales, Rows};
use crate::linear::{self, PackedFloat, Weight};

pub struct Linear {
    pub weights: Packed,
    pub bias: Vec<f32>,
}

pub enum Packed {
    Float(PackedFloat),
    Int8(PackedWeights),
}

/// Room for the quantized rows of one input.
#[derive(Default)]
pub struct Quantized {
    bytes: Vec<u8>,
    scales: Vec<f32>,
}

impl Quantized {
    pub fn bytes(&self) -> usize {
        self.bytes.capacity() + 4 * self.scales.capacity()
    }

    /// Grows to `rows` rows of up to `columns` columns.
    pub fn reserve(&mut self, rows: usize, columns: usize) {
        let bytes = rows * int8::row_bytes(columns);
        self.bytes.resize(bytes.max(self.bytes.len()), 0);
        self.scales.resize(rows.max(self.scales.len()), 0.0);
    }

    /// x (rows, columns), a scale for each row.
    pub fn fill(&mut self, context: &Context, x: &[f32], columns: usize) -> Result<Rows<'_>> {
        let rows = x.len() / columns;
        let bytes = &mut self.bytes[..rows * int8::row_bytes(columns)];
        int8::quantize_rows(context, x, columns, bytes, &mut self.scales[..rows])?;
        Ok(self.rows(0..rows, columns))
    }

    /// Some of the rows that were filled last.
    pub fn rows(&self, rows: Range<usize>, columns: usize) -> Rows<'_> {
        let stride = int8::row_bytes(columns);
        Rows {
            bytes: &self.bytes[rows.start * stride..rows.end * stride],
            scales: RowScales::Each(&self.scales[rows]),
        }
    }
}

impl Linear {
    /// Tensors `<part>.weight` and `<part>.bias` of each part, (outputs / parts, inputs), stacked.
    pub fn take(
        tensors: &mut Tensors,
        parts: &[String],
        outputs: usize,
        inputs: usize,
        precision: Precision,
    ) -> Result<Self> {
        let rows = outputs / parts.len();
        let mut bias = Vec::new();
        for part in parts {
            tensors.floats(&format!("{part}.bias"), &[rows], &mut bias)?;
        }
        let weights = match precision {
            Precision::F32 => {
                let mut values = Vec::new();
                for part in parts {
                    tensors.floats(&format!("{part}.weight"), &[rows, inputs], &mut values)?;
                }
                Packed::Float(PackedFloat::new(&values, outputs, inputs)?)
            }
            Precision::Int8 { per_row } => {
                let (mut values, mut scales) = (Vec::new(), Vec::new());
                for part in parts {
                    tensors.bytes(&format!("{part}.weight"), &[rows, inputs], &mut values)?;
                    let count = if per_row { rows } else { 1 };
                    tensors.floats(&format!("{part}.weight_scale"), &[count], &mut scales)?;
                    let last = scales[scales.len() - 1];
                    scales.extend(std::iter::repeat_n(last, rows - count));
                }
                Packed::Int8(PackedWeights::new(&values, &scales, outputs, inputs)?)
            }
        };
        Ok(Self { weights, bias })
    }

    pub fn outputs(&self) -> usize {
        self.bias.len()
    }

    pub fn inputs(&self) -> usize {
        match &self.weights {
            Packed::Float(weights) => weights.inputs(),
            Packed::Int8(weights) => weights.inputs(),
        }
    }

    pub fn bytes(&self) -> usize {
        let weights = match &self.weights {
            Packed::Float(weights) => weights.bytes(),
            Packed::Int8(weights) => weights.bytes(),
        };
        weights + 4 * self.bias.len()
    }

    /// y (rows, outputs) of x (rows, inputs).
    pub fn apply(
        &self,
        context: &Context,
        x: &[f32],
        quantized: &mut Quantized,
        y: &mut [f32],
    ) -> Result<()> {
        let (inputs, outputs) = (self.inputs(), self.outputs());
        match &self.weights {
            Packed::Float(weights) => {
                let (weights, bias) = (Weight::Packed(weights), Some(&self.bias[..]));
                let rows = x.len() / inputs;
                linear::linear(context, x, weights, bias, y, rows, inputs, outputs)
            }
            Packed::Int8(weights) => {
                let rows = quantized.fill(context, x, inputs)?;
                int8::linear(context, rows, weights, &self.bias, y)
            }
        }
    }

    /// The same, then GELU.
    pub fn apply_gelu(
        &self,
        context: &Context,
        x: &[f32],
        quantized: &mut Quantized,
        y: &mut [f32],
    ) -> Result<()> {
        let (inputs, outputs) = (self.inputs(), self.outputs());
        match &self.weights {
            Packed::Float(weights) => {
                let (weights, bias) = (Weight::Packed(weights), Some(&self.bias[..]));
                let rows = x.len() / inputs;
                linear::linear_gelu(context, x, weights, bias, None, y, rows, inputs, outputs)
            }
            Packed::Int8(weights) => {
                let rows = quantized.fill(context, x, inputs)?;
                int8::linear_gelu(context, rows, weights, &self.bias, y)
            }
        }
    }
}
