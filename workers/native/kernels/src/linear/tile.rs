//! The inner part of a product: tiles of rows by columns whose sums are in registers over a block of depth.

use super::panels::{LINES, WIDTH};
use crate::simd::{Kernel, LANES, Simd};
use crate::variant::Variant;

/// Rows of the largest tile.
pub const MOST_ROWS: usize = 8;

/// Rows of the largest tile whose sums a variant holds in registers: 24 vectors, or 6 of a third of the
/// columns.
pub const fn most_rows(variant: Variant) -> usize {
    match variant {
        Variant::Avx512Vnni => MOST_ROWS,
        _ => 6,
    }
}

/// Up to eight rows by a panel. A kernel of its own, which takes little else: in a larger one the compiler
/// loses count of its registers.
///
/// Valid memory: `rows` values of a, `down` apart, for each of `depth` steps, `right` apart; `depth` rows
/// of a panel of b; `rows` rows of `width` ≤ 48 values, `stride` apart, of c; `width` of bias.
pub struct Tile {
    pub rows: usize,
    pub depth: usize,
    pub width: usize,
    pub a: *const f32,
    pub down: usize,
    pub right: usize,
    pub b: *const f32,
    pub c: *mut f32,
    pub stride: usize,
    /// c += the sums, else c = them.
    pub accumulate: bool,
    /// Added to each row, or null.
    pub bias: *const f32,
}

impl Kernel for &Tile {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        macro_rules! choose {
            ($vectors:literal: $($rows:literal),*) => {
                match self.rows {
                    // SAFETY: the tile's memory is valid.
                    $($rows => unsafe { self.sum::<S, $rows, $vectors>() },)*
                    rows => unreachable!("a tile of {rows} rows"),
                }
            };
        }
        if most_rows(S::VARIANT) == MOST_ROWS {
            choose!(3: 1, 2, 3, 4, 5, 6, 7, 8);
        } else {
            choose!(1: 1, 2, 3, 4, 5, 6);
        }
    }
}

impl Tile {
    /// R rows, V vectors of columns at a time.
    #[inline(always)]
    unsafe fn sum<S: Simd, const R: usize, const V: usize>(&self) {
        for first in (0..LINES).step_by(V) {
            let width = self.width.saturating_sub(first * LANES).min(V * LANES);
            if width > 0 {
                // SAFETY: the caller's.
                unsafe { self.sum_columns::<S, R, V>(first * LANES, width) };
            }
        }
    }

    #[inline(always)]
    unsafe fn sum_columns<S: Simd, const R: usize, const V: usize>(
        &self,
        first: usize,
        width: usize,
    ) {
        // SAFETY: the caller's; the panel is as wide as all vectors.
        unsafe {
            let rows: [*const f32; R] = std::array::from_fn(|row| self.a.add(row * self.down));
            let mut b = self.b.add(first);
            let mut at = 0;
            let mut sums = [[S::splat(0.0); V]; R];
            for _ in 0..self.depth {
                let mut lines = [S::splat(0.0); V];
                for (v, line) in lines.iter_mut().enumerate() {
                    *line = S::load(b.add(v * LANES));
                }
                for (sums, row) in sums.iter_mut().zip(rows) {
                    let a = S::splat(*row.add(at));
                    for (sum, line) in sums.iter_mut().zip(lines) {
                        *sum = S::fma(a, line, *sum);
                    }
                }
                b = b.add(WIDTH);
                at += self.right;
            }
            for (row, sums) in sums.into_iter().enumerate() {
                let c = self.c.add(row * self.stride + first);
                for (v, sum) in sums.into_iter().enumerate() {
                    let count = width.saturating_sub(v * LANES).min(LANES);
                    self.finish::<S>(sum, c.wrapping_add(v * LANES), first + v * LANES, count);
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn finish<S: Simd>(&self, sum: S::F, c: *mut f32, column: usize, count: usize) {
        // SAFETY: the caller's; nothing is touched where the count is 0.
        unsafe {
            let mut sum = sum;
            if self.accumulate {
                sum = S::add(S::load_some(c, count), sum);
            }
            if !self.bias.is_null() {
                sum = S::add(sum, S::load_some(self.bias.wrapping_add(column), count));
            }
            S::store_some(c, sum, count);
        }
    }
}
