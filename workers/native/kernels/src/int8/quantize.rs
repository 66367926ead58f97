//! Activations as bytes.

use super::{ZERO, row_bytes};
use crate::context::Context;
use crate::error::{KernelError, Result, check_len};
use crate::simd::{Kernel, LANES, Simd};
use crate::threads::Shared;

/// Values of one item of parallel work, about.
const ITEM: usize = 1 << 15;

/// round(x / scale) + 128 by row, scale = max|x| / 127 of the row (1 for zeros, meaning max|x| below
/// 127 · 2⁻¹²⁶). `x` (rows, columns) → `bytes` (rows, row_bytes(columns)), `scales` (rows). A row with NaN or
/// infinity gets the scale NaN and zeros.
pub fn quantize_rows(
    context: &Context,
    x: &[f32],
    columns: usize,
    bytes: &mut [u8],
    scales: &mut [f32],
) -> Result<()> {
    let rows = check_rows(x, columns, bytes)?;
    check_len("scales", scales, rows)?;
    let stride = row_bytes(columns);
    let per_item = (ITEM / columns).max(1);
    let (bytes, scales) = (Shared::new(bytes), Shared::new(scales));
    context.pool.each(rows.div_ceil(per_item), |item| {
        let first = item * per_item;
        let count = per_item.min(rows - first);
        // SAFETY: items have different rows.
        let (bytes, scales) = unsafe {
            (
                bytes.part(first * stride, count * stride),
                scales.part(first, count),
            )
        };
        context.run(QuantizeRows {
            x: &x[first * columns..(first + count) * columns],
            columns,
            bytes,
            scales,
        });
    });
    Ok(())
}

/// The same with one scale for each run of rows: `lengths` rows each. `scales` has one per row.
pub fn quantize_sequences(
    context: &Context,
    x: &[f32],
    columns: usize,
    lengths: &[usize],
    bytes: &mut [u8],
    scales: &mut [f32],
) -> Result<()> {
    let rows = check_rows(x, columns, bytes)?;
    check_len("scales", scales, rows)?;
    if lengths.iter().sum::<usize>() != rows {
        return Err(KernelError::Invalid(format!(
            "lengths add up to {}, x has {rows} rows",
            lengths.iter().sum::<usize>()
        )));
    }
    let stride = row_bytes(columns);
    let (bytes, scales) = (Shared::new(bytes), Shared::new(scales));
    context.pool.each(lengths.len(), |sequence| {
        let first: usize = lengths[..sequence].iter().sum();
        let count = lengths[sequence];
        // SAFETY: sequences have different rows.
        let (bytes, scales) = unsafe {
            (
                bytes.part(first * stride, count * stride),
                scales.part(first, count),
            )
        };
        context.run(QuantizeTogether {
            x: &x[first * columns..(first + count) * columns],
            columns,
            bytes,
            scales,
        });
    });
    Ok(())
}

/// The same with a given scale; returns how many values saturated: those beyond ±127.5 steps and NaN
/// (which becomes −127). `Invalid` for a scale outside 10⁻³⁰…10³⁰.
pub fn quantize_static(
    context: &Context,
    x: &[f32],
    columns: usize,
    scale: f32,
    bytes: &mut [u8],
) -> Result<u64> {
    let rows = check_rows(x, columns, bytes)?;
    check_scale(scale)?;
    let stride = row_bytes(columns);
    let per_item = (ITEM / columns).max(1);
    let bytes = Shared::new(bytes);
    let saturated = std::sync::atomic::AtomicU64::new(0);
    context.pool.each(rows.div_ceil(per_item), |item| {
        let first = item * per_item;
        let count = per_item.min(rows - first);
        // SAFETY: items have different rows.
        let bytes = unsafe { bytes.part(first * stride, count * stride) };
        let found = context.run(QuantizeStatic {
            x: &x[first * columns..(first + count) * columns],
            columns,
            scale,
            bytes,
        });
        saturated.fetch_add(found, std::sync::atomic::Ordering::Relaxed);
    });
    Ok(saturated.into_inner())
}

pub(super) fn check_scale(scale: f32) -> Result<()> {
    if (1e-30..=1e30).contains(&scale) {
        return Ok(());
    }
    Err(KernelError::Invalid(format!(
        "a scale of {scale}; 1e-30 to 1e30 are possible"
    )))
}

fn check_rows(x: &[f32], columns: usize, bytes: &[u8]) -> Result<usize> {
    if columns == 0 {
        return Err(KernelError::Invalid("rows of no columns".into()));
    }
    let rows = x.len() / columns;
    check_len("x", x, rows * columns)?;
    check_len("bytes", bytes, rows * row_bytes(columns))?;
    Ok(rows)
}

/// The bits of the largest magnitude of `count` values; those of NaN are larger than those of infinity.
///
/// # Safety
/// As [`Simd`]; `count` values at `from`.
#[inline(always)]
pub(super) unsafe fn largest_bits<S: Simd>(from: *const f32, count: usize) -> S::I {
    // SAFETY: the caller's.
    unsafe {
        let mut largest = S::splat_i32(0);
        let mut other = largest;
        let mut at = 0;
        while at + 2 * LANES <= count {
            largest = S::max_i32(largest, S::bits(S::abs(S::load(from.add(at)))));
            other = S::max_i32(other, S::bits(S::abs(S::load(from.add(at + LANES)))));
            at += 2 * LANES;
        }
        while at < count {
            let x = S::load_first(from.add(at), LANES.min(count - at));
            largest = S::max_i32(largest, S::bits(S::abs(x)));
            at += LANES;
        }
        S::max_i32(largest, other)
    }
}

/// A scale of `levels` steps for the bits of a largest magnitude.
#[inline(always)]
pub(super) fn scale_of(largest_bits: i32, levels: f32) -> f32 {
    let largest = f32::from_bits(largest_bits as u32);
    if !largest.is_finite() {
        return f32::NAN;
    }
    let scale = largest / levels;
    if scale < f32::MIN_POSITIVE {
        1.0
    } else {
        scale
    }
}

/// A scale in the form in which sixteen values are divided by it.
pub(super) struct Divisor<S: Simd> {
    negative: S::F,
    inverse: S::F,
}

impl<S: Simd> Divisor<S> {
    /// # Safety
    /// As [`Simd`].
    #[inline(always)]
    pub(super) unsafe fn new(scale: f32) -> Self {
        // SAFETY: the caller's.
        unsafe {
            Self {
                negative: S::splat(-scale),
                inverse: S::splat(1.0 / scale),
            }
        }
    }

    /// x / scale without a division: the product with the inverse, and its remainder once more.
    ///
    /// # Safety
    /// As [`Simd`].
    #[inline(always)]
    pub(super) unsafe fn quotient(&self, x: S::F) -> S::F {
        // SAFETY: the caller's.
        unsafe {
            let first = S::mul(x, self.inverse);
            let rest = S::fma(first, self.negative, x);
            S::fma(rest, self.inverse, first)
        }
    }

    /// The quotient rounded, as an integer.
    ///
    /// # Safety
    /// As [`Simd`].
    #[inline(always)]
    pub(super) unsafe fn steps(&self, x: S::F) -> S::I {
        // SAFETY: the caller's.
        unsafe { S::to_i32(self.quotient(x)) }
    }

    /// The same within ±levels, for any x; how many saturated (by lane) is added to `saturated`. NaN
    /// becomes −levels.
    ///
    /// # Safety
    /// As [`Simd`].
    #[inline(always)]
    pub(super) unsafe fn saturating(
        &self,
        scale: f32,
        levels: f32,
        x: S::F,
        saturated: &mut S::F,
    ) -> S::I {
        // SAFETY: the caller's.
        unsafe {
            // one step more than fits, so that the quotient neither overflows nor fits by chance
            let bound = (levels + 1.0) * scale;
            let x = S::min(S::max(x, S::splat(-bound)), S::splat(bound));
            let steps = S::round(self.quotient(x));
            let limited = S::min(S::max(steps, S::splat(-levels)), S::splat(levels));
            *saturated = S::add(*saturated, S::abs(S::sub(steps, limited)));
            S::to_i32(limited)
        }
    }
}

/// `count` values as bytes, `row_bytes(count)` of them.
#[inline(always)]
unsafe fn row_as_bytes<S: Simd>(x: *const f32, count: usize, scale: f32, bytes: *mut u8) {
    // SAFETY: the caller's.
    unsafe {
        let divisor = Divisor::<S>::new(scale);
        let zero = S::splat_i32(ZERO as i32);
        let mut at = 0;
        while at + LANES <= count {
            let steps = divisor.steps(S::load(x.add(at)));
            S::store_low_bytes(bytes.add(at), S::add_i32(steps, zero));
            at += LANES;
        }
        if at < count {
            let steps = divisor.steps(S::load_first(x.add(at), count - at));
            S::store_low_bytes(bytes.add(at), S::add_i32(steps, zero));
        }
    }
}

struct QuantizeRows<'a> {
    x: &'a [f32],
    columns: usize,
    bytes: &'a mut [u8],
    scales: &'a mut [f32],
}

impl Kernel for QuantizeRows<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let rows = self.x.chunks_exact(self.columns);
        let bytes = self.bytes.chunks_exact_mut(row_bytes(self.columns));
        for ((x, bytes), scale) in rows.zip(bytes).zip(self.scales) {
            // SAFETY: a row and its bytes.
            unsafe {
                let bits = S::largest_i32(largest_bits::<S>(x.as_ptr(), x.len()));
                *scale = scale_of(bits, 127.0);
                if scale.is_nan() {
                    bytes.fill(ZERO);
                } else {
                    row_as_bytes::<S>(x.as_ptr(), x.len(), *scale, bytes.as_mut_ptr());
                }
            }
        }
    }
}

struct QuantizeTogether<'a> {
    x: &'a [f32],
    columns: usize,
    bytes: &'a mut [u8],
    scales: &'a mut [f32],
}

impl Kernel for QuantizeTogether<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: all of x; then a row and its bytes.
        unsafe {
            let bits = S::largest_i32(largest_bits::<S>(self.x.as_ptr(), self.x.len()));
            let scale = scale_of(bits, 127.0);
            self.scales.fill(scale);
            if scale.is_nan() {
                self.bytes.fill(ZERO);
                return;
            }
            let bytes = self.bytes.chunks_exact_mut(row_bytes(self.columns));
            for (x, bytes) in self.x.chunks_exact(self.columns).zip(bytes) {
                row_as_bytes::<S>(x.as_ptr(), x.len(), scale, bytes.as_mut_ptr());
            }
        }
    }
}

struct QuantizeStatic<'a> {
    x: &'a [f32],
    columns: usize,
    scale: f32,
    bytes: &'a mut [u8],
}

impl Kernel for QuantizeStatic<'_> {
    type Output = u64;

    #[inline(always)]
    unsafe fn run<S: Simd>(self) -> u64 {
        let mut total = 0;
        let bytes = self.bytes.chunks_exact_mut(row_bytes(self.columns));
        for (x, bytes) in self.x.chunks_exact(self.columns).zip(bytes) {
            // SAFETY: a row and its bytes.
            unsafe {
                let divisor = Divisor::<S>::new(self.scale);
                let mut saturated = S::splat(0.0);
                for at in (0..x.len()).step_by(LANES) {
                    let count = LANES.min(x.len() - at);
                    let values = S::load_first(x.as_ptr().add(at), count);
                    let steps = divisor.saturating(self.scale, 127.0, values, &mut saturated);
                    let steps = S::add_i32(steps, S::splat_i32(ZERO as i32));
                    S::store_low_bytes(bytes.as_mut_ptr().add(at), steps);
                }
                total += S::sum(saturated) as u64;
            }
        }
        total
    }
}
