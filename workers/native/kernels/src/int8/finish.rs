//! What becomes of a tile's sums: scaled, with bias, and what follows while they are still near.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use super::ZERO;
use super::pack::ROUNDER;
use super::quantize::Divisor;
use crate::simd::math::polynomial;
use crate::simd::{LANES, Simd};
use crate::threads::Shared;

pub(super) enum Finish<'a> {
    Floats(Floats<'a>),
    Bytes(Bytes),
}

/// Outputs first..first + count go to y[row · stride + at ..].
pub(super) struct Floats<'a> {
    pub y: Shared<f32>,
    pub stride: usize,
    pub first: usize,
    pub count: usize,
    pub at: usize,
    pub then: Then<'a>,
}

pub(super) enum Then<'a> {
    Nothing,
    Gelu,
    /// Values of the shape of y.
    Add(&'a [f32]),
}

/// All outputs as bytes of a given scale.
pub(super) struct Bytes {
    pub gelu: bool,
    pub scale: f32,
    pub y: Shared<u8>,
    pub stride: usize,
    pub saturated: AtomicU64,
}

impl Finish<'_> {
    /// Where an output is written, or near.
    #[inline(always)]
    pub(super) fn place(&self, row: usize, column: usize) -> *const u8 {
        match self {
            Self::Floats(to) => {
                let column = column.saturating_sub(to.first);
                to.y.place(row * to.stride + to.at + column).cast()
            }
            Self::Bytes(to) => to.y.place(row * to.stride + column),
        }
    }

    /// Where all `columns` of `rows` rows from `row` on may be written as they are, and from one row to the
    /// next.
    #[inline(always)]
    pub(super) fn whole(
        &self,
        row: usize,
        rows: usize,
        columns: Range<usize>,
    ) -> Option<(*mut f32, usize)> {
        let Self::Floats(to) = self else { return None };
        if !matches!(to.then, Then::Nothing)
            || columns.start < to.first
            || columns.end > to.first + to.count
        {
            return None;
        }
        let place = row * to.stride + to.at + columns.start - to.first;
        let len = (rows - 1) * to.stride + columns.len();
        Some((to.y.start_of(place, len), to.stride))
    }

    /// `count` ≤ 16 outputs from `column` on.
    ///
    /// # Safety
    /// As [`Simd`]; nobody else writes these outputs.
    #[inline(always)]
    pub(super) unsafe fn put<S: Simd>(&self, y: S::F, row: usize, column: usize, count: usize) {
        // SAFETY: the caller's.
        unsafe {
            match self {
                Self::Floats(to) => to.put::<S>(y, row, column, count),
                Self::Bytes(to) => to.put::<S>(y, row, column, count),
            }
        }
    }
}

impl Floats<'_> {
    #[inline(always)]
    unsafe fn put<S: Simd>(&self, y: S::F, row: usize, column: usize, count: usize) {
        let end = (self.first + self.count).min(column + count);
        let start = self.first.max(column);
        let place = row * self.stride + self.at + start - self.first;
        // SAFETY: these outputs alone.
        unsafe {
            let y = match self.then {
                Then::Nothing => y,
                Then::Gelu => gelu::<S>(y),
                Then::Add(residual) => {
                    let residual = &residual[place..place + end - start];
                    S::add(y, S::load_first(residual.as_ptr(), residual.len()))
                }
            };
            let to = self.y.part(place, end - start);
            if to.len() == LANES {
                S::store(to.as_mut_ptr(), y);
            } else if start == column {
                S::store_first(to.as_mut_ptr(), y, to.len());
            } else {
                let mut lanes = [0.0; LANES];
                S::store(lanes.as_mut_ptr(), y);
                to.copy_from_slice(&lanes[start - column..end - column]);
            }
        }
    }
}

impl Bytes {
    #[inline(always)]
    unsafe fn put<S: Simd>(&self, y: S::F, row: usize, column: usize, count: usize) {
        // SAFETY: these outputs alone; rows of bytes are whole panels.
        unsafe {
            let mut y = if self.gelu { gelu::<S>(y) } else { y };
            if count < LANES {
                // beyond the last output: 0 but for a row scale that is not finite
                let mut lanes = [0.0; LANES];
                S::store_first(lanes.as_mut_ptr(), y, count);
                y = S::load(lanes.as_ptr());
            }
            let mut saturated = S::splat(0.0);
            let divisor = Divisor::<S>::new(self.scale);
            let steps = divisor.saturating(self.scale, 127.0, y, &mut saturated);
            let to = self.y.part(row * self.stride + column, LANES);
            let steps = S::add_i32(steps, S::splat_i32(ZERO as i32));
            S::store_low_bytes(to.as_mut_ptr(), steps);
            if S::largest(saturated) > 0.0 {
                let count = S::sum(saturated) as u64;
                self.saturated.fetch_add(count, Ordering::Relaxed);
            }
        }
    }
}

/// Where |x| · Φ(−|x|) is below 10⁻⁶ and stays so.
const FAR: f32 = 5.3;

/// log₂ Φ(−t) for 0 ≤ t ≤ 5.3, from the highest power down: what it does to t · Φ(−t) is below
/// 3 · 10⁻⁸ · (1 + t).
const TAIL: [f32; 7] = [
    2.938_711_6e-5,
    -7.387_536_5e-4,
    7.987_09e-3,
    -5.327_732e-2,
    -4.588_64e-1,
    -1.151_174,
    -9.999_956_5e-1,
];

/// 2ˣ for |x| ≤ ½, relative error 8 · 10⁻⁸.
const POWER: [f32; 6] = [
    1.327_640_2e-3,
    9.675_541e-3,
    5.550_713_5e-2,
    2.402_212e-1,
    6.931_469_7e-1,
    1.000_000_1,
];

/// x · Φ(x) = max(x, 0) − |x| · Φ(−|x|), off by less than 4 · 10⁻⁷ · (1 + |x|).
#[inline(always)]
unsafe fn gelu<S: Simd>(x: S::F) -> S::F {
    // SAFETY: the caller's.
    unsafe {
        let t = S::min(S::abs(x), S::splat(FAR));
        let power = polynomial::<S, 7>(t, TAIL);
        let whole = S::add(power, S::splat(ROUNDER));
        let rest = S::sub(power, S::sub(whole, S::splat(ROUNDER)));
        let tail = S::add_to_exponent(polynomial::<S, 6>(rest, POWER), S::bits(whole));
        // NaN passes
        let positive = S::max(S::splat(0.0), x);
        S::sub(positive, S::mul(t, tail))
    }
}
