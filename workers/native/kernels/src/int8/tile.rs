//! The product's inner part: blocks of rows times panels of weights, in tiles whose sums are in registers
//! over all inputs.

use std::ops::Range;

use super::finish::Finish;
use super::linear::Rows;
use super::row_bytes;
use super::weights::PackedWeights;
use crate::context::Context;
use crate::simd::{BYTES, Kernel, LANES, Simd, prefetch_for_write};
use crate::variant::Variant;

/// Columns of a tile's sums.
const WIDTH: usize = 2 * LANES;
/// Rows of the largest tile.
pub(super) const MOST_ROWS: usize = 14;

/// Rows of the largest tile whose sums a variant holds in registers.
const fn most_rows(variant: Variant) -> usize {
    match variant {
        Variant::Avx512Vnni => MOST_ROWS,
        _ => 4,
    }
}

/// Rows by panels of one item of work.
pub(super) struct Block<'a> {
    pub x: Rows<'a>,
    pub rows: Range<usize>,
    pub weights: &'a PackedWeights,
    pub bias: &'a [f32],
    pub panels: Range<usize>,
    pub finish: &'a Finish<'a>,
}

/// Up to fourteen rows by one or two panels. Tiles are kernels of their own, which take little else: in a
/// larger one the compiler loses count of its registers.
struct Tile<'a> {
    block: &'a Block<'a>,
    first: usize,
    rows: usize,
    panel: usize,
    panels: usize,
    sums: Sums,
}

#[repr(align(64))]
struct Sums([i32; MOST_ROWS * WIDTH]);

impl Block<'_> {
    pub(super) fn multiply(&self, context: &Context) {
        let stride = row_bytes(self.weights.inputs());
        assert!(self.rows.end * stride <= self.x.bytes.len());
        assert!(self.panels.end <= self.weights.panels());
        let count = self.rows.len();
        // tiles of nearly equal heights
        let tiles = count.div_ceil(most_rows(context.variant));
        let mut tile = Tile {
            block: self,
            first: 0,
            rows: 0,
            panel: 0,
            panels: 0,
            sums: Sums([0; MOST_ROWS * WIDTH]),
        };
        for panel in self.panels.clone().step_by(2) {
            tile.panel = panel;
            tile.panels = 2.min(self.panels.end - panel);
            for at in 0..tiles {
                tile.first = self.rows.start + at * count / tiles;
                tile.rows = self.rows.start + (at + 1) * count / tiles - tile.first;
                // outputs are fetched while the sums are computed
                for row in tile.first..tile.first + tile.rows {
                    for panel in panel..panel + tile.panels {
                        prefetch_for_write(self.finish.place(row, panel * LANES));
                    }
                }
                context.run(Multiply(&mut tile));
                context.run(Finishing(&tile));
            }
        }
    }
}

struct Multiply<'a, 'b>(&'a mut Tile<'b>);

impl Kernel for Multiply<'_, '_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let tile = self.0;
        macro_rules! choose {
            ($($rows:literal),*) => {
                match (tile.rows, tile.panels) {
                    $(
                        // SAFETY: the block's sizes were asserted to hold all that is read.
                        ($rows, 1) if $rows <= most_rows(S::VARIANT) => unsafe { tile.sum::<S, $rows, 1>() },
                        // SAFETY: as above.
                        ($rows, 2) if $rows <= most_rows(S::VARIANT) => unsafe { tile.sum::<S, $rows, 2>() },
                    )*
                    _ => unreachable!("a tile of {} rows", tile.rows),
                }
            };
        }
        choose!(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
    }
}

struct Finishing<'a, 'b>(&'a Tile<'b>);

impl Kernel for Finishing<'_, '_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: blocks and tiles have different outputs.
        unsafe { self.0.finish::<S>() }
    }
}

impl Tile<'_> {
    #[inline(always)]
    unsafe fn sum<S: Simd, const R: usize, const P: usize>(&mut self) {
        let Block { x, weights, .. } = self.block;
        // SAFETY: the caller's.
        unsafe {
            let starts = weights.starts(self.panel).as_ptr();
            let mut sums = [[S::splat_i32(0); P]; R];
            for row in &mut sums {
                for (p, sum) in row.iter_mut().enumerate() {
                    *sum = S::load_i32(starts.add(p * LANES));
                }
            }
            let stride = row_bytes(weights.inputs());
            let x = x.bytes.as_ptr().add(self.first * stride);
            let w: *const u8 = weights.lines(self.panel).as_ptr().cast();
            let groups = weights.groups();
            let next = groups * BYTES;
            for group in 0..groups {
                let mut lines = [S::zero_bytes(); P];
                for (p, line) in lines.iter_mut().enumerate() {
                    *line = S::load_bytes(w.add(p * next + group * BYTES));
                }
                for (r, row) in sums.iter_mut().enumerate() {
                    let x = S::splat_4(x.add(r * stride + group * 4));
                    for (p, sum) in row.iter_mut().enumerate() {
                        *sum = S::dot_4(*sum, x, lines[p]);
                    }
                }
            }
            for (r, row) in sums.iter().enumerate() {
                for (p, sum) in row.iter().enumerate() {
                    S::store_i32(self.sums.0.as_mut_ptr().add(r * WIDTH + p * LANES), *sum);
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn finish<S: Simd>(&self) {
        let Block {
            x,
            weights,
            bias,
            finish,
            ..
        } = self.block;
        for p in 0..self.panels {
            let column = (self.panel + p) * LANES;
            let count = LANES.min(weights.outputs() - column);
            // SAFETY: `count` outputs from `column` on exist; sums hold the tile's rows of two panels.
            unsafe {
                let bias = S::load_first(bias[column..column + count].as_ptr(), count);
                let scale = S::load(weights.scales(self.panel + p).as_ptr());
                for r in 0..self.rows {
                    let row = self.first + r;
                    let sum = S::load_i32(self.sums.0.as_ptr().add(r * WIDTH + p * LANES));
                    let scaled = S::mul(S::to_f32(sum), S::splat(x.scales.get(row)));
                    let y = S::fma(scaled, scale, bias);
                    finish.put::<S>(y, row, column, count);
                }
            }
        }
    }
}
