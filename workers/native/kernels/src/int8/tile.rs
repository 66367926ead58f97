//! The product's innermost part: a few rows times one or two panels of weights, over all inputs.

use super::weights::PackedWeights;
use crate::simd::{BYTES, Kernel, LANES, Simd};
use crate::variant::Variant;

/// Columns of a tile's sums.
pub(super) const WIDTH: usize = 2 * LANES;
/// Rows of the largest tile.
pub(super) const MOST_ROWS: usize = 14;

/// Rows of the largest tile whose sums a variant holds in registers.
pub(super) const fn most_rows(variant: Variant) -> usize {
    match variant {
        Variant::Avx512Vnni => MOST_ROWS,
        _ => 4,
    }
}

/// Sums of rows × panels, into (rows, 32).
pub(super) struct Tile<'a> {
    /// `rows` rows, `stride` bytes apart, each of `row_bytes(inputs)`
    pub x: &'a [u8],
    pub stride: usize,
    pub rows: usize,
    pub weights: &'a PackedWeights,
    pub panel: usize,
    /// 1 or 2
    pub panels: usize,
    pub sums: &'a mut [i32; MOST_ROWS * WIDTH],
}

impl Kernel for Tile<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let groups = self.weights.groups();
        assert!((self.rows - 1) * self.stride + groups * 4 <= self.x.len());
        assert!(self.panel + self.panels <= self.weights.panels());
        macro_rules! choose {
            ($($rows:literal),*) => {
                match (self.rows, self.panels) {
                    $(
                        // SAFETY: the asserted sizes hold all that is read; the sums have WIDTH columns.
                        ($rows, 1) if $rows <= most_rows(S::VARIANT) => unsafe { product::<S, $rows, 1>(self, groups) },
                        // SAFETY: as above.
                        ($rows, 2) if $rows <= most_rows(S::VARIANT) => unsafe { product::<S, $rows, 2>(self, groups) },
                    )*
                    _ => panic!("no tile has {} rows and {} panels", self.rows, self.panels),
                }
            };
        }
        choose!(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
    }
}

#[inline(always)]
unsafe fn product<S: Simd, const R: usize, const P: usize>(tile: Tile<'_>, groups: usize) {
    // SAFETY: `run` checked the sizes.
    unsafe {
        let starts = tile.weights.starts(tile.panel).as_ptr();
        let mut sums = [[S::splat_i32(0); P]; R];
        for row in &mut sums {
            for (p, sum) in row.iter_mut().enumerate() {
                *sum = S::load_i32(starts.add(p * LANES));
            }
        }
        let w: *const u8 = tile.weights.lines(tile.panel).as_ptr().cast();
        let next = groups * BYTES;
        for group in 0..groups {
            let mut lines = [S::zero_bytes(); P];
            for (p, line) in lines.iter_mut().enumerate() {
                *line = S::load_bytes(w.add(p * next + group * BYTES));
            }
            for (r, row) in sums.iter_mut().enumerate() {
                let x = S::splat_4(tile.x.as_ptr().add(r * tile.stride + group * 4));
                for (p, sum) in row.iter_mut().enumerate() {
                    *sum = S::dot_4(*sum, x, lines[p]);
                }
            }
        }
        for (r, row) in sums.iter().enumerate() {
            for (p, sum) in row.iter().enumerate() {
                S::store_i32(tile.sums.as_mut_ptr().add(r * WIDTH + p * LANES), *sum);
            }
        }
    }
}
