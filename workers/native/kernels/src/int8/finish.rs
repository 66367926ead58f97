//! What becomes of a tile's sums: scaled, with bias, and what follows while they are still near.

use std::sync::atomic::{AtomicU64, Ordering};

use super::ZERO;
use super::quantize::Divisor;
use crate::simd::{LANES, Simd, math};
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
                Self::Bytes(to) => to.put::<S>(y, row, column),
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
    unsafe fn put<S: Simd>(&self, y: S::F, row: usize, column: usize) {
        // SAFETY: these outputs alone; rows of bytes are whole panels, and what is beyond the last output
        // is 0 because its weights and bias are.
        unsafe {
            let y = if self.gelu { gelu::<S>(y) } else { y };
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

/// x · (½ + ½ · erf(x / √2))
#[inline(always)]
unsafe fn gelu<S: Simd>(x: S::F) -> S::F {
    // SAFETY: the caller's.
    unsafe {
        let erf = math::erf::<S>(S::mul(x, S::splat(std::f32::consts::FRAC_1_SQRT_2)));
        S::mul(x, S::fma(S::splat(0.5), erf, S::splat(0.5)))
    }
}
