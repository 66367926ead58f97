//! y = sum · row scale · weight scale + bias, and what follows while the sums are still near.

use std::sync::atomic::{AtomicU64, Ordering};

use super::quantize::{Divisor, check_scale, quantize_rows};
use super::tile::{MOST_ROWS, Tile, WIDTH, most_rows};
use super::weights::PackedWeights;
use super::{ZERO, row_bytes};
use crate::context::Context;
use crate::error::{KernelError, Result, check_len};
use crate::simd::{Kernel, LANES, Simd, math, prefetch_for_write};
use crate::threads::Shared;

/// Bytes of activations that stay in the second cache while panels of weights go by.
const BLOCK: usize = 256 << 10;

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
    fn get(&self, row: usize) -> f32 {
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
    let rows = check(x, weights, bias, y, weights.outputs())?;
    let y = Shared::new(y);
    let stride = weights.outputs();
    multiply(context, x, rows, weights, bias, &Plain { y, stride });
    Ok(())
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
    let rows = check(x, weights, bias, y, weights.outputs())?;
    let y = Shared::new(y);
    let stride = weights.outputs();
    multiply(context, x, rows, weights, bias, &Gelu { y, stride });
    Ok(())
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
    let rows = check(x, weights, bias, y, weights.outputs())?;
    check_len("residual", residual, y.len())?;
    let y = Shared::new(y);
    let stride = weights.outputs();
    let finish = Add {
        residual,
        y,
        stride,
    };
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
    let finish = Bytes {
        gelu,
        scale,
        y: Shared::new(y),
        stride,
        saturated: AtomicU64::new(0),
    };
    multiply(context, x, rows, weights, bias, &finish);
    Ok(finish.saturated.into_inner())
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
    let finish = Part {
        first,
        count,
        y: Shared::new(y),
        stride,
        at,
    };
    let panels = first / LANES..(first + count).div_ceil(LANES);
    let block = Block {
        x,
        rows: 0..rows,
        weights,
        bias,
        panels,
    };
    block.multiply(context, &finish);
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

/// Rows by panels of one item of work.
struct Block<'a> {
    x: Rows<'a>,
    rows: std::ops::Range<usize>,
    weights: &'a PackedWeights,
    bias: &'a [f32],
    panels: std::ops::Range<usize>,
}

/// Cuts the product into blocks for the threads. Sums are exact and each output is finished by itself,
/// so the cut changes nothing.
fn multiply<F: Finish>(
    context: &Context,
    x: Rows<'_>,
    rows: usize,
    weights: &PackedWeights,
    bias: &[f32],
    finish: &F,
) {
    if rows == 0 {
        return;
    }
    let most = (BLOCK / row_bytes(weights.inputs())).max(MOST_ROWS);
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
            rows: row..rows.min(row + block_rows),
            weights,
            bias,
            panels: part..weights.panels().min(part + part_panels),
        };
        block.multiply(context, finish);
    });
}

impl Block<'_> {
    fn multiply<F: Finish>(&self, context: &Context, finish: &F) {
        let stride = row_bytes(self.weights.inputs());
        let count = self.rows.len();
        if count == 0 {
            return;
        }
        // tiles of nearly equal heights
        let tiles = count.div_ceil(most_rows(context.variant));
        let mut sums = Sums([0; MOST_ROWS * WIDTH]);
        for panel in self.panels.clone().step_by(2) {
            let panels = 2.min(self.panels.end - panel);
            for tile in 0..tiles {
                let first = self.rows.start + tile * count / tiles;
                let rows = self.rows.start + (tile + 1) * count / tiles - first;
                // outputs are fetched while the sums are computed
                for row in first..first + rows {
                    for panel in panel..panel + panels {
                        prefetch_for_write(finish.place(row, panel * LANES));
                    }
                }
                context.run(Tile {
                    x: &self.x.bytes[first * stride..],
                    stride,
                    rows,
                    weights: self.weights,
                    panel,
                    panels,
                    sums: &mut sums.0,
                });
                context.run(Finishing {
                    sums: &sums.0,
                    block: self,
                    first,
                    rows,
                    panel,
                    panels,
                    finish,
                });
            }
        }
    }
}

#[repr(align(64))]
struct Sums([i32; MOST_ROWS * WIDTH]);

/// What becomes of sixteen outputs of a row.
trait Finish: Sync {
    /// `count` ≤ 16 outputs from `column` on are there.
    ///
    /// # Safety
    /// As [`Simd`]; nobody else writes these outputs.
    unsafe fn put<S: Simd>(&self, y: S::F, row: usize, column: usize, count: usize);

    /// Where the output is written, or near.
    fn place(&self, row: usize, column: usize) -> *const u8;
}

struct Finishing<'a, F> {
    sums: &'a [i32; MOST_ROWS * WIDTH],
    block: &'a Block<'a>,
    first: usize,
    rows: usize,
    panel: usize,
    panels: usize,
    finish: &'a F,
}

impl<F: Finish> Kernel for Finishing<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Block { weights, bias, .. } = self.block;
        for p in 0..self.panels {
            let column = (self.panel + p) * LANES;
            let count = LANES.min(weights.outputs() - column);
            // SAFETY: `count` outputs from `column` on exist; sums hold `rows` rows of two panels; blocks are
            // disjoint.
            unsafe {
                let bias = S::load_first(bias.as_ptr().add(column), count);
                let scale = S::load(weights.scales(self.panel + p).as_ptr());
                for r in 0..self.rows {
                    let row = self.first + r;
                    let sum = S::load_i32(self.sums.as_ptr().add(r * WIDTH + p * LANES));
                    let scaled = S::mul(S::to_f32(sum), S::splat(self.block.x.scales.get(row)));
                    let y = S::fma(scaled, scale, bias);
                    self.finish.put::<S>(y, row, column, count);
                }
            }
        }
    }
}

struct Plain {
    y: Shared<f32>,
    stride: usize,
}

impl Finish for Plain {
    #[inline(always)]
    unsafe fn put<S: Simd>(&self, y: S::F, row: usize, column: usize, count: usize) {
        // SAFETY: these outputs alone.
        unsafe {
            let to = self.y.part(row * self.stride + column, count);
            S::store_first(to.as_mut_ptr(), y, count);
        }
    }

    fn place(&self, row: usize, column: usize) -> *const u8 {
        self.y.place(row * self.stride + column).cast()
    }
}

struct Gelu {
    y: Shared<f32>,
    stride: usize,
}

impl Finish for Gelu {
    #[inline(always)]
    unsafe fn put<S: Simd>(&self, y: S::F, row: usize, column: usize, count: usize) {
        // SAFETY: these outputs alone.
        unsafe {
            let to = self.y.part(row * self.stride + column, count);
            S::store_first(to.as_mut_ptr(), gelu::<S>(y), count);
        }
    }

    fn place(&self, row: usize, column: usize) -> *const u8 {
        self.y.place(row * self.stride + column).cast()
    }
}

/// x · (½ + ½ · erf(x / √2))
#[inline(always)]
unsafe fn gelu<S: Simd>(x: S::F) -> S::F {
    // SAFETY: the caller's.
    unsafe {
        let erf = math::erf::<S>(S::mul(x, S::splat(std::f32::consts::FRAC_1_SQRT_2)));
        S::mul(x, S::fma(S::splat(0.5), erf, S::splat(0.5)))
    }
}

struct Add<'a> {
    residual: &'a [f32],
    y: Shared<f32>,
    stride: usize,
}

impl Finish for Add<'_> {
    #[inline(always)]
    unsafe fn put<S: Simd>(&self, y: S::F, row: usize, column: usize, count: usize) {
        // SAFETY: these outputs alone; the residual has the shape of y.
        unsafe {
            let at = row * self.stride + column;
            let residual = S::load_first(self.residual[at..at + count].as_ptr(), count);
            let to = self.y.part(at, count);
            S::store_first(to.as_mut_ptr(), S::add(y, residual), count);
        }
    }

    fn place(&self, row: usize, column: usize) -> *const u8 {
        self.y.place(row * self.stride + column).cast()
    }
}

struct Bytes {
    gelu: bool,
    scale: f32,
    y: Shared<u8>,
    stride: usize,
    saturated: AtomicU64,
}

impl Finish for Bytes {
    #[inline(always)]
    unsafe fn put<S: Simd>(&self, y: S::F, row: usize, column: usize, _: usize) {
        // SAFETY: these outputs alone; rows of bytes are whole panels, and what is beyond the last output
        // is 0 because its weights and bias are.
        unsafe {
            let y = if self.gelu { gelu::<S>(y) } else { y };
            let mut saturated = S::splat(0.0);
            let divisor = Divisor::<S>::new(self.scale);
            let steps = divisor.saturating(self.scale, 127.0, y, &mut saturated);
            let to = self.y.part(row * self.stride + column, LANES);
            S::store_low_bytes(
                to.as_mut_ptr(),
                S::add_i32(steps, S::splat_i32(ZERO as i32)),
            );
            let saturated = S::sum(saturated);
            if saturated > 0.0 {
                self.saturated
                    .fetch_add(saturated as u64, Ordering::Relaxed);
            }
        }
    }

    fn place(&self, row: usize, column: usize) -> *const u8 {
        self.y.place(row * self.stride + column).cast()
    }
}

struct Part {
    first: usize,
    count: usize,
    y: Shared<f32>,
    stride: usize,
    at: usize,
}

impl Finish for Part {
    #[inline(always)]
    unsafe fn put<S: Simd>(&self, y: S::F, row: usize, column: usize, count: usize) {
        let end = (self.first + self.count).min(column + count);
        let start = self.first.max(column);
        let to = row * self.stride + self.at + start - self.first;
        // SAFETY: these outputs alone, on one thread.
        unsafe {
            let to = self.y.part(to, end - start);
            if start == column {
                S::store_first(to.as_mut_ptr(), y, end - start);
            } else {
                let mut lanes = [0.0; LANES];
                S::store(lanes.as_mut_ptr(), y);
                to.copy_from_slice(&lanes[start - column..end - column]);
            }
        }
    }

    fn place(&self, row: usize, column: usize) -> *const u8 {
        self.y
            .place(row * self.stride + self.at + column.saturating_sub(self.first))
            .cast()
    }
}
