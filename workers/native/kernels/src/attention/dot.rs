//! Scaled dot-product attention, forward: softmax_j(q·k/√d) times the values, in one pass over tiles of
//! keys with the softmax kept up to date.
//!
//! NaN and infinity: NaN in a query or a key, or a score of +∞, makes the query's row NaN; a score of −∞
//! weighs 0 unless all are. A weight below e⁻⁸⁷ of the row's largest is 0; 0 times an infinite or NaN
//! value is NaN.

use std::ops::Range;

use super::pack::Rows;
use super::scratch::with_arrays;
use super::tiles::{Mix, Pair, QUERIES, ROWS, load_tile, mix_rows, pair_rows};
use super::{Piece, Shape, pieces};
use crate::context::Context;
use crate::error::{Result, check_len};
use crate::simd::{Kernel, LANES, Simd, math};
use crate::threads::Shared;

/// Keys of a tile: its scores stay in the first cache.
const TILE: usize = 256;

pub(super) struct Product;

impl Pair for Product {
    #[inline(always)]
    unsafe fn add<S: Simd>(sum: S::F, key: S::F, query: S::F, _one: S::F) -> S::F {
        // SAFETY: the caller's features.
        unsafe { S::fma(key, query, sum) }
    }
}

struct Weighted;

impl Mix for Weighted {
    #[inline(always)]
    unsafe fn add<S: Simd>(sum: S::F, value: S::F, weight: S::F, _one: S::F) -> S::F {
        // SAFETY: the caller's features.
        unsafe { S::fma(value, weight, sum) }
    }
}

/// 1/√d, by which queries are multiplied.
pub(super) fn scale(features: usize) -> f32 {
    (1.0 / (features as f64).sqrt()) as f32
}

/// Attention of `projected`; see the module above for shapes. `log_sums` (B, h, N) gets the logarithm of
/// each row's sum of exponentials, which the gradient needs; 0 at padding. `Invalid` where a size does
/// not fit.
pub fn dot_attention(
    context: &Context,
    shape: Shape,
    projected: &[f32],
    lengths: &[i32],
    output: &mut [f32],
    log_sums: Option<&mut [f32]>,
) -> Result<()> {
    shape.check(projected, lengths)?;
    check_len("context", output, shape.values(1)?)?;
    if let Some(log_sums) = &log_sums {
        check_len("log_sums", log_sums, shape.items() * shape.tokens)?;
    }
    let (width, features) = (shape.width(), shape.features);
    let all = shape.rows(projected.as_ptr(), 3);
    let output = shape.rows(output.as_mut_ptr(), 1);
    let log_sums = log_sums.map(Shared::new);
    pieces(context, shape, lengths, |piece| {
        let Piece { item, keys, .. } = piece;
        // SAFETY: sizes were checked.
        let rows = unsafe {
            let [q, k, v] = shape.parts(all, item);
            [q, k, v, shape.head(output, item, 0)]
        };
        // SAFETY: pieces have rows of their own, in the context and here.
        let part = |rows: &Range<usize>| unsafe {
            let all = log_sums.as_ref();
            all.map(|all| all.part(item * shape.tokens + rows.start, rows.len()))
        };
        // SAFETY: as above.
        unsafe { rows[3].clear(piece.padding.clone()) };
        if let Some(log_sums) = part(&piece.padding) {
            log_sums.fill(0.0);
        }
        if piece.queries.is_empty() {
            return;
        }
        let sizes = [
            keys.next_multiple_of(LANES) * features,
            keys * width,
            QUERIES * width,
            QUERIES * TILE,
            QUERIES * width,
        ];
        with_arrays(sizes, |arrays| {
            context.run(Forward {
                keys,
                rows,
                log_sums: part(&piece.queries),
                queries: piece.queries,
                arrays,
            });
        });
    });
    Ok(())
}

/// `rows` are those of query, key, value and context, `arrays` have the sizes above.
struct Forward<'a> {
    keys: usize,
    rows: [Rows; 4],
    queries: Range<usize>,
    log_sums: Option<&'a mut [f32]>,
    arrays: [*mut f32; 5],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(mut self) {
        let [q, k, v, context] = self.rows;
        let [keys, values, tile, scores, sums] = self.arrays;
        let features = q.features;
        let width = features.next_multiple_of(LANES);
        // SAFETY: rows below `keys` exist, arrays have room for them.
        unsafe {
            k.load_transposed::<S>(self.keys, keys);
            v.load::<S>(0, self.keys, 1.0, values);
            for from in self.queries.clone().step_by(QUERIES) {
                let count = QUERIES.min(self.queries.end - from);
                let rows = count.next_multiple_of(ROWS);
                load_tile::<S>(q, from, count, scale(features), tile);
                sums.write_bytes(0, QUERIES * width);
                let mut softmax = [Softmax::EMPTY; QUERIES];
                for first in (0..self.keys).step_by(TILE) {
                    let some = TILE.min(self.keys - first);
                    let (keys, blocks) = (keys.add(first * features), some.div_ceil(LANES));
                    pair_rows::<S, Product>(
                        rows, tile, width, keys, features, blocks, scores, TILE,
                    );
                    for (r, softmax) in softmax.iter_mut().enumerate().take(count) {
                        let row = scores.add(r * TILE);
                        softmax.add::<S>(row, some, sums.add(r * width), width);
                    }
                    let values = values.add(first * width);
                    mix_rows::<S, Weighted>(rows, scores, TILE, values, width, some, sums);
                }
                for (r, softmax) in softmax.iter().enumerate().take(count) {
                    scale_row::<S>(sums.add(r * width), width, 1.0 / softmax.sum);
                }
                context.store::<S>(from, count, 1.0, sums);
                if let Some(log_sums) = &mut self.log_sums {
                    let at = from - self.queries.start;
                    for (to, softmax) in log_sums[at..at + count].iter_mut().zip(softmax) {
                        *to = softmax.log_sum();
                    }
                }
            }
        }
    }
}

/// The softmax of one row, as far as it has come.
#[derive(Clone, Copy)]
struct Softmax {
    largest: f32,
    sum: f32,
}

impl Softmax {
    const EMPTY: Self = Self {
        largest: f32::NEG_INFINITY,
        sum: 0.0,
    };

    /// Turns a tile's scores into weights relative to the largest so far, and what was summed before as well.
    #[inline(always)]
    unsafe fn add<S: Simd>(&mut self, row: *mut f32, keys: usize, sums: *mut f32, width: usize) {
        // SAFETY: the caller's row of whole blocks and of `width` sums.
        unsafe {
            let blocks = keys.div_ceil(LANES);
            for lane in keys..blocks * LANES {
                *row.add(lane) = f32::NEG_INFINITY;
            }
            let mut largest = S::splat(self.largest);
            for block in 0..blocks {
                largest = S::max(largest, S::load(row.add(block * LANES)));
            }
            let largest = S::largest(largest);
            // −∞ − −∞ would be NaN
            let shift = S::splat(if largest == f32::NEG_INFINITY {
                0.0
            } else {
                largest
            });
            let mut sum = S::splat(0.0);
            for block in 0..blocks {
                let at = row.add(block * LANES);
                let weight = math::exp::<S>(S::sub(S::load(at), shift));
                S::store(at, weight);
                sum = S::add(sum, weight);
            }
            if self.largest == largest {
                self.sum += S::sum(sum);
                return;
            }
            if self.sum > 0.0 {
                let fade = S::largest(math::exp::<S>(S::splat(self.largest - largest)));
                self.sum *= fade;
                scale_row::<S>(sums, width, fade);
            }
            self.sum += S::sum(sum);
            self.largest = largest;
        }
    }

    fn log_sum(self) -> f32 {
        (f64::from(self.largest) + f64::from(self.sum).ln()) as f32
    }
}

#[inline(always)]
unsafe fn scale_row<S: Simd>(row: *mut f32, width: usize, factor: f32) {
    // SAFETY: the caller's row.
    unsafe {
        for at in (0..width).step_by(LANES) {
            S::store(row.add(at), S::mul(S::load(row.add(at)), S::splat(factor)));
        }
    }
}
