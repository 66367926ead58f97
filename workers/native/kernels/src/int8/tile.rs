//! The product's inner part: blocks of rows times panels of weights, in tiles whose sums are in registers
//! over all inputs.

use std::ops::Range;

use super::finish::Finish;
use super::linear::Rows;
use super::row_bytes;
use super::weights::PackedWeights;
use crate::context::Context;
use crate::simd::{BYTES, Kernel, LANES, Simd, prefetch, prefetch_for_write};
use crate::variant::Variant;

/// Columns of a tile's sums.
const WIDTH: usize = 2 * LANES;
/// Rows of the largest tile.
pub(super) const MOST_ROWS: usize = 12;

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

/// Up to twelve rows by one or two panels. Tiles are kernels of their own, which take little else: in a
/// larger one the compiler loses count of its registers.
struct Tile<'a> {
    block: &'a Block<'a>,
    first: usize,
    rows: usize,
    panel: usize,
    panels: usize,
    /// Whether it is the last one of its panels, during which the next ones are fetched.
    last: bool,
    /// Of its rows.
    scales: [f32; MOST_ROWS],
    /// Outputs that are not finished yet.
    near: Near,
}

#[repr(align(64))]
struct Near([f32; MOST_ROWS * WIDTH]);

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
            last: false,
            scales: [0.0; MOST_ROWS],
            near: Near([0.0; MOST_ROWS * WIDTH]),
        };
        for panel in self.panels.clone().step_by(2) {
            tile.panel = panel;
            tile.panels = 2.min(self.panels.end - panel);
            for at in 0..tiles {
                tile.last = at + 1 == tiles;
                tile.first = self.rows.start + at * count / tiles;
                tile.rows = self.rows.start + (at + 1) * count / tiles - tile.first;
                for (row, scale) in tile.scales.iter_mut().enumerate().take(tile.rows) {
                    *scale = self.x.scales.get(tile.first + row);
                }
                // outputs are fetched while the sums are computed
                for row in tile.first..tile.first + tile.rows {
                    for panel in panel..panel + tile.panels {
                        prefetch_for_write(self.finish.place(row, panel * LANES));
                    }
                }
                context.run(Multiply(&mut tile));
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
        let columns = tile.panel * LANES..(tile.panel + tile.panels) * LANES;
        let whole = tile.block.finish.whole(tile.first, tile.rows, columns);
        let (to, stride) = whole.unwrap_or((tile.near.0.as_mut_ptr(), WIDTH));
        macro_rules! choose {
            ($($rows:literal),*) => {
                match (tile.rows, tile.panels) {
                    $(
                        // SAFETY: the block's sizes were asserted to hold all that is read; blocks and
                        // tiles have different outputs, for which there is room.
                        ($rows, 1) if $rows <= most_rows(S::VARIANT) => unsafe {
                            tile.sum::<S, $rows, 1>(to, stride);
                        },
                        // SAFETY: as above.
                        ($rows, 2) if $rows <= most_rows(S::VARIANT) => unsafe {
                            tile.sum::<S, $rows, 2>(to, stride);
                        },
                    )*
                    _ => unreachable!("a tile of {} rows", tile.rows),
                }
            };
        }
        choose!(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
        if whole.is_none() {
            // SAFETY: blocks and tiles have different outputs.
            unsafe { tile.finish::<S>() }
        }
    }
}

impl Tile<'_> {
    /// Sums, scaled and with bias, to row r, panel p at `to + r · stride + p · 16`.
    #[inline(always)]
    unsafe fn sum<S: Simd, const R: usize, const P: usize>(&self, to: *mut f32, stride: usize) {
        let Block {
            x, weights, bias, ..
        } = self.block;
        // SAFETY: the caller's.
        unsafe {
            let starts = weights.starts(self.panel).as_ptr();
            let mut sums = [[S::splat_i32(0); P]; R];
            for row in &mut sums {
                for (p, sum) in row.iter_mut().enumerate() {
                    *sum = S::load_i32(starts.add(p * LANES));
                }
            }
            let row_bytes = row_bytes(weights.inputs());
            let x = x.bytes.as_ptr().add(self.first * row_bytes);
            let w: *const u8 = weights.lines(self.panel).as_ptr().cast();
            let groups = weights.groups();
            let next = groups * BYTES;
            let ahead = if self.last {
                w.wrapping_add(P * next)
            } else {
                w
            };
            for group in 0..groups {
                let mut lines = [S::zero_bytes(); P];
                for (p, line) in lines.iter_mut().enumerate() {
                    *line = S::load_bytes(w.add(p * next + group * BYTES));
                    // a few rows are too quick for it
                    if R >= 4 {
                        prefetch(ahead.wrapping_add(p * next + group * BYTES));
                    }
                }
                for (r, row) in sums.iter_mut().enumerate() {
                    let x = S::splat_4(x.add(r * row_bytes + group * 4));
                    for (p, sum) in row.iter_mut().enumerate() {
                        *sum = S::dot_4(*sum, x, lines[p]);
                    }
                }
            }
            let scales = weights.scales(self.panel).as_ptr();
            for p in 0..P {
                let column = (self.panel + p) * LANES;
                let bias = &bias[column..weights.outputs().min(column + LANES)];
                let bias = S::load_first(bias.as_ptr(), bias.len());
                let scale = S::load(scales.add(p * LANES));
                for (r, row) in sums.iter().enumerate() {
                    let scaled = S::mul(S::to_f32(row[p]), S::splat(self.scales[r]));
                    S::store(to.add(r * stride + p * LANES), S::fma(scaled, scale, bias));
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn finish<S: Simd>(&self) {
        let Block {
            weights, finish, ..
        } = self.block;
        for p in 0..self.panels {
            let column = (self.panel + p) * LANES;
            let count = LANES.min(weights.outputs() - column);
            for r in 0..self.rows {
                // SAFETY: `count` outputs from `column` on exist; `near` holds the tile's rows of two
                // panels.
                unsafe {
                    let y = S::load(self.near.0.as_ptr().add(r * WIDTH + p * LANES));
                    finish.put::<S>(y, self.first + r, column, count);
                }
            }
        }
    }
}
