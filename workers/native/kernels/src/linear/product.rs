//! Matrix products, cut into blocks for caches and threads. Each element is summed over blocks of depth,
//! block by block, one rounding per step; the bounds of blocks depend on the depth alone.

use std::ops::Range;

use super::packed::PackedFloat;
use super::panels::{self, LINES, Line, Panels, Source, WIDTH};
use super::tile::{MOST_ROWS, Tile, most_rows};
use crate::context::Context;
use crate::simd::{LANES, prefetch_for_write};
use crate::threads::Shared;
use crate::training;

/// Depth of a block at most.
const DEPTH: usize = 384;
/// Lines of B that stay in the second cache while rows of A go by: 448 KiB.
const NEAR: usize = 7 << 10;

/// A block of up to eight columns of A.
type Room = [[f32; MOST_ROWS]; DEPTH];

/// A (rows, depth): an element is `down` and `right` from its neighbours.
#[derive(Clone, Copy)]
pub struct Left<'a> {
    values: &'a [f32],
    rows: usize,
    depth: usize,
    down: usize,
    right: usize,
}

impl<'a> Left<'a> {
    /// Row after row.
    pub fn rows_of(values: &'a [f32], rows: usize, depth: usize) -> Self {
        assert_eq!(values.len(), rows * depth);
        Self {
            values,
            rows,
            depth,
            down: depth,
            right: 1,
        }
    }

    /// The transpose of (depth, rows), row after row.
    pub fn columns_of(values: &'a [f32], rows: usize, depth: usize) -> Self {
        Self {
            down: 1,
            right: rows,
            ..Self::rows_of(values, rows, depth)
        }
    }
}

pub enum Right<'a> {
    /// Laid out anew by every product.
    Plain(Source<'a>),
    Packed(&'a PackedFloat),
}

/// C = A·B + bias (by column), or what was there + A·B.
pub struct Product<'a> {
    pub left: Left<'a>,
    pub right: Right<'a>,
    pub bias: Option<&'a [f32]>,
    pub accumulate: bool,
}

/// `to` (rows, columns); lengths fit.
pub fn multiply(context: &Context, product: &Product, to: &mut [f32]) {
    in_pool(context, || multiply_here(context, product, to));
}

/// Hands work in several parts over to the threads once.
pub fn in_pool<R: Send>(context: &Context, work: impl FnOnce() -> R + Send) -> R {
    if context.pool.threads() == 1 {
        return work();
    }
    context.pool.install(work)
}

fn multiply_here(context: &Context, product: &Product, to: &mut [f32]) {
    let Left { rows, depth, .. } = product.left;
    let columns = to.len() / rows;
    match product.right {
        Right::Packed(packed) => multiply_panels(context, product, packed.panels(), to),
        Right::Plain(source) => {
            let lines = Panels::lines(depth, columns);
            // one more than it takes, since they start at a whole line
            training::with_floats((lines + 1) * LANES, |floats| {
                // SAFETY: a line is sixteen floats of any value.
                let (_, room, _) = unsafe { floats.align_to_mut::<Line>() };
                let room = &mut room[..lines];
                panels::pack(context, source, room, depth, columns);
                let panels = Panels {
                    lines: room,
                    depth,
                    columns,
                };
                multiply_panels(context, product, panels, to);
            });
        }
    }
}

fn multiply_panels(context: &Context, product: &Product, panels: Panels, to: &mut [f32]) {
    let (left, bias) = (product.left, product.bias);
    assert!(left.depth == panels.depth && to.len() == left.rows * panels.columns);
    assert!(bias.is_none_or(|bias| bias.len() == panels.columns));
    let blocks = panels.depth.div_ceil(DEPTH);
    let count = panels.columns.div_ceil(WIDTH);
    let near = NEAR / (LINES * panels.depth.div_ceil(blocks));
    let groups = count.div_ceil(near.max(1));
    // all rows for one thread; for more, a few parts for each
    let threads = context.pool.threads();
    let wanted = if threads == 1 {
        1
    } else {
        (4 * threads).div_ceil(groups)
    };
    let parts = wanted.min(left.rows.div_ceil(most_rows(context.variant)));
    let to = Shared::new(to);
    context.pool.each(groups * parts, |item| {
        let (group, part) = (item / parts, item % parts);
        let item = Item {
            product,
            panels,
            blocks,
            to,
        };
        item.multiply(
            context,
            share(left.rows, part, parts),
            share(count, group, groups),
        );
    });
}

/// Part `at` of `parts` nearly equal ones of 0..count.
fn share(count: usize, at: usize, parts: usize) -> Range<usize> {
    at * count / parts..(at + 1) * count / parts
}

/// What every item of a product has.
struct Item<'a> {
    product: &'a Product<'a>,
    panels: Panels<'a>,
    blocks: usize,
    to: Shared<f32>,
}

/// Up to eight rows of a block of A, as tiles take them.
#[derive(Clone, Copy)]
struct Strip<'a> {
    values: &'a [f32],
    down: usize,
    right: usize,
}

impl Left<'_> {
    /// Columns are copied to `room`: where they are a power of two apart, they drive each other out of
    /// the cache.
    fn strip<'a>(
        &'a self,
        rows: Range<usize>,
        depth: Range<usize>,
        room: &'a mut Room,
    ) -> Strip<'a> {
        if self.right == 1 {
            return Strip {
                values: &self.values[rows.start * self.down + depth.start..],
                down: self.down,
                right: 1,
            };
        }
        for (at, to) in depth.zip(&mut *room) {
            let from = &self.values[at * self.right + rows.start..][..rows.len()];
            match from.try_into() {
                Ok(whole) => *to = whole,
                Err(_) => to[..rows.len()].copy_from_slice(from),
            }
        }
        Strip {
            values: room.as_flattened(),
            down: 1,
            right: MOST_ROWS,
        }
    }
}

impl Item<'_> {
    fn multiply(&self, context: &Context, rows: Range<usize>, panels: Range<usize>) {
        let mut room = [[0.0; MOST_ROWS]; DEPTH];
        let tiles = rows.len().div_ceil(most_rows(context.variant));
        for block in 0..self.blocks {
            let depth = share(self.panels.depth, block, self.blocks);
            for tile in 0..tiles {
                let part = share(rows.len(), tile, tiles);
                let part = rows.start + part.start..rows.start + part.end;
                let left = &self.product.left;
                let strip = left.strip(part.clone(), depth.clone(), &mut room);
                for panel in panels.clone() {
                    context.run(&self.tile(strip, part.clone(), panel, depth.clone(), block));
                }
            }
        }
    }

    fn tile(
        &self,
        Strip {
            values,
            down,
            right,
        }: Strip,
        rows: Range<usize>,
        panel: usize,
        depth: Range<usize>,
        block: usize,
    ) -> Tile {
        let Panels { lines, columns, .. } = self.panels;
        let first = panel * WIDTH;
        for row in rows.clone() {
            // fetched while the sums are computed
            for line in 0..LINES {
                prefetch_for_write(self.to.place(row * columns + first + line * LANES));
            }
        }
        assert!((rows.len() - 1) * down + (depth.len() - 1) * right < values.len());
        let b = &lines[(panel * self.panels.depth + depth.start) * LINES..][..depth.len() * LINES];
        let bias = self.product.bias.filter(|_| block + 1 == self.blocks);
        Tile {
            rows: rows.len(),
            depth: depth.len(),
            width: WIDTH.min(columns - first),
            a: values.as_ptr(),
            down,
            right,
            b: b.as_ptr().cast(),
            c: self.to.place(rows.start * columns + first).cast_mut(),
            stride: columns,
            accumulate: self.product.accumulate || block > 0,
            bias: bias.map_or(std::ptr::null(), |bias| bias[first..].as_ptr()),
        }
    }
}
