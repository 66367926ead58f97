//! y = sum · row scale · weight scale + bias, and what follows while the sums are still near.

use std::sync::atomic::AtomicU64;

use super::finish::{Bytes, Finish, Floats, Then};
use super::quantize::{check_scale, quantize_rows};
use super::row_bytes;
use super::tile::{Block, MOST_ROWS};
use super::weights::PackedWeights;
use crate::context::Context;
use crate::error::{KernelError, Result, check_len};
use crate::simd::LANES;
use crate::threads::Shared;

/// Bytes of activations that stay in the second cache while panels of weights go by.
const NEAR: usize = 256 << 10;

/// Quantized activations: bytes (rows, row_bytes(inputs)) and their scales.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    pub bytes: &'a [u8],
    pub scales: RowScales<'a>,
}

#[derive(Clone, Copy)]
pub enum RowScales<'a> {
    /// One for each row.
    Each(&'a [f32]),
    /// The same for all.
    One(f32),
}

impl RowScales<'_> {
    #[inline(always)]
    pub(super) fn get(&self, row: usize) -> f32 {
        match self {
            Self::Each(scales) => scales[row],
            Self::One(scale) => *scale,
        }
    }
}

/// y (rows, O) of x (rows, I): `bias` (O). `Invalid` for sizes that do not fit each other.
pub fn linear(
    context: &Context,
    x: Rows<'_>,
    weights: &PackedWeights,
    bias: &[f32],
    y: &mut [f32],
) -> Result<()> {
    linear_then(context, x, weights, bias, y, Then::Nothing)
}

/// The same for x (rows, I) in f32, quantized row by row.
pub fn linear_dynamic(
    context: &Context,
    x: &[f32],
    weights: &PackedWeights,
    bias: &[f32],
    y: &mut [f32],
) -> Result<()> {
    let rows = x.len() / weights.inputs();
    let mut bytes = vec![0; rows * row_bytes(weights.inputs())];
    let mut scales = vec![0.0; rows];
    quantize_rows(context, x, weights.inputs(), &mut bytes, &mut scales)?;
    let x = Rows {
        bytes: &bytes,
        scales: RowScales::Each(&scales),
    };
    linear(context, x, weights, bias, y)
}

/// y = gelu(…), by erf.
pub fn linear_gelu(
    context: &Context,
    x: Rows<'_>,
    weights: &PackedWeights,
    bias: &[f32],
    y: &mut [f32],
) -> Result<()> {
    linear_then(context, x, weights, bias, y, Then::Gelu)
}

/// y = … + residual (rows, O).
pub fn linear_add(
    context: &Context,
    x: Rows<'_>,
    weights: &PackedWeights,
    bias: &[f32],
    residual: &[f32],
    y: &mut [f32],
) -> Result<()> {
    check_len("residual", residual, y.len())?;
    linear_then(context, x, weights, bias, y, Then::Add(residual))
}

fn linear_then(
    context: &Context,
    x: Rows<'_>,
    weights: &PackedWeights,
    bias: &[f32],
    y: &mut [f32],
    then: Then<'_>,
) -> Result<()> {
    let outputs = weights.outputs();
    let rows = check(x, weights, bias, y, outputs)?;
    let finish = Finish::Floats(Floats {
        y: Shared::new(y),
        stride: outputs,
        first: 0,
        count: outputs,
        at: 0,
        then,
    });
    multiply(context, x, rows, weights, bias, &finish);
    Ok(())
}

/// y as bytes of a given scale, (rows, row_bytes(O)), after GELU if asked for; returns how many saturated.
pub fn linear_to_u8(
    context: &Context,
    x: Rows<'_>,
    weights: &PackedWeights,
    bias: &[f32],
    gelu: bool,
    scale: f32,
    y: &mut [u8],
) -> Result<u64> {
    let stride = row_bytes(weights.outputs());
    let rows = check(x, weights, bias, y, stride)?;
    check_scale(scale)?;
    let finish = Finish::Bytes(Bytes {
        gelu,
        scale,
        y: Shared::new(y),
        stride,
        saturated: AtomicU64::new(0),
    });
    multiply(context, x, rows, weights, bias, &finish);
    match finish {
        Finish::Bytes(bytes) => Ok(bytes.saturated.into_inner()),
        Finish::Floats(_) => Ok(0),
    }
}

/// On this thread: outputs first..first + count of every row, into y[row · stride + at ..]. Needs least
/// where `first` is a multiple of 16.
pub fn linear_columns(
    context: &Context,
    x: Rows<'_>,
    weights: &PackedWeights,
    bias: &[f32],
    first: usize,
    count: usize,
    y: &mut [f32],
    stride: usize,
    at: usize,
) -> Result<()> {
    let rows = check_rows(x, weights, bias)?;
    let within = |from: usize, all: usize| from <= all && count <= all - from;
    let fits = within(first, weights.outputs())
        && within(at, stride)
        && (rows == 0 || (rows - 1) * stride + at + count <= y.len());
    if !fits {
        return Err(KernelError::Invalid(format!(
            "outputs {first} to {first} + {count} do not fit {} outputs or rows of {stride}",
            weights.outputs()
        )));
    }
    if count == 0 || rows == 0 {
        return Ok(());
    }
    let finish = Finish::Floats(Floats {
        y: Shared::new(y),
        stride,
        first,
        count,
        at,
        then: Then::Nothing,
    });
    let panels = first / LANES..(first + count).div_ceil(LANES);
    let block = Block {
        x,
        rows: 0..rows,
        weights,
        bias,
        panels,
        finish: &finish,
    };
    block.multiply(context);
    Ok(())
}

fn check_rows(x: Rows<'_>, weights: &PackedWeights, bias: &[f32]) -> Result<usize> {
    let stride = row_bytes(weights.inputs());
    let rows = x.bytes.len() / stride;
    check_len("bytes", x.bytes, rows * stride)?;
    if let RowScales::Each(scales) = x.scales {
        check_len("scales", scales, rows)?;
    }
    check_len("bias", bias, weights.outputs())?;
    Ok(rows)
}

fn check<T>(
    x: Rows<'_>,
    weights: &PackedWeights,
    bias: &[f32],
    y: &[T],
    stride: usize,
) -> Result<usize> {
    let rows = check_rows(x, weights, bias)?;
    check_len("y", y, rows * stride)?;
    Ok(rows)
}

/// Cuts the product into blocks for the threads. Sums are exact and each output is finished by itself,
/// so the cut changes nothing.
fn multiply(
    context: &Context,
    x: Rows<'_>,
    rows: usize,
    weights: &PackedWeights,
    bias: &[f32],
    finish: &Finish<'_>,
) {
    if rows == 0 {
        return;
    }
    let most = (NEAR / row_bytes(weights.inputs())).max(MOST_ROWS);
    let row_blocks = rows.div_ceil(most);
    let block_rows = rows.div_ceil(row_blocks);
    let threads = context.pool.threads();
    let pairs = weights.panels().div_ceil(2);
    // all panels for one thread; for more, a few parts for each
    let parts = if threads == 1 {
        1
    } else {
        pairs.min((4 * threads).div_ceil(row_blocks))
    };
    let part_panels = pairs.div_ceil(parts) * 2;
    let parts = weights.panels().div_ceil(part_panels);
    context.pool.each(row_blocks * parts, |item| {
        let (row, part) = (item / parts * block_rows, item % parts * part_panels);
        let block = Block {
            x,
            rows: row.min(rows)..rows.min(row + block_rows),
            weights,
            bias,
            panels: part..weights.panels().min(part + part_panels),
            finish,
        };
        block.multiply(context);
    });
}
