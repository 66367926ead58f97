//! Weights of a linear layer, packed once in the order in which the product reads them.

use crate::error::{KernelError, Result, check_len};
use crate::simd::{BYTES, LANES};

/// Inputs whose products surely fit i32: 255 · 127 · 65,536 < 2³¹.
const MOST_INPUTS: usize = 65_536;

#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Line(pub [u8; BYTES]);

/// (O, I) as panels of sixteen outputs: [O/16][I/4][16 outputs][4 inputs], padded with zeros. The same
/// for every variant.
pub struct PackedWeights {
    outputs: usize,
    inputs: usize,
    lines: Vec<Line>,
    /// −128 · Σ of an output's weights: undoes the 128 that activations carry. Padded with zeros.
    starts: Vec<i32>,
    /// Padded with zeros.
    scales: Vec<f32>,
}

impl PackedWeights {
    /// `values` (O, I) and one scale per output, equal ones for a scale per tensor. `Invalid` for other
    /// sizes, none, or more than 65,536 inputs.
    pub fn new(values: &[i8], scales: &[f32], outputs: usize, inputs: usize) -> Result<Self> {
        if outputs == 0 || inputs == 0 || inputs > MOST_INPUTS {
            return Err(KernelError::Invalid(format!(
                "weights of {outputs} outputs and {inputs} inputs; 1 to {MOST_INPUTS} inputs are possible"
            )));
        }
        let size = outputs.saturating_mul(inputs);
        check_len("values", values, size)?;
        check_len("scales", scales, outputs)?;
        let groups = inputs.div_ceil(4);
        let padded = outputs.next_multiple_of(LANES);
        let mut packed = Self {
            outputs,
            inputs,
            lines: vec![Line([0; BYTES]); padded / LANES * groups],
            starts: vec![0; padded],
            scales: vec![0.0; padded],
        };
        packed.scales[..outputs].copy_from_slice(scales);
        for (output, row) in values.chunks_exact(inputs).enumerate() {
            let first = output / LANES * groups;
            let lane = output % LANES * 4;
            for (group, four) in row.chunks(4).enumerate() {
                for (at, value) in four.iter().enumerate() {
                    packed.lines[first + group].0[lane + at] = *value as u8;
                }
            }
            let sum: i32 = row.iter().map(|value| i32::from(*value)).sum();
            packed.starts[output] = -128 * sum;
        }
        Ok(packed)
    }

    pub fn outputs(&self) -> usize {
        self.outputs
    }

    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Memory that it holds.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.lines) + size_of_val(&*self.starts) + size_of_val(&*self.scales)
    }

    /// Groups of four inputs.
    pub(super) fn groups(&self) -> usize {
        self.inputs.div_ceil(4)
    }

    pub(super) fn panels(&self) -> usize {
        self.starts.len() / LANES
    }

    /// From a panel on.
    pub(super) fn lines(&self, panel: usize) -> &[Line] {
        &self.lines[panel * self.groups()..]
    }

    pub(super) fn starts(&self, panel: usize) -> &[i32] {
        &self.starts[panel * LANES..]
    }

    pub(super) fn scales(&self, panel: usize) -> &[f32] {
        &self.scales[panel * LANES..]
    }
}
