//! The inhibitor, forward. With e the Manhattan distance of query and key:
//!
//! ```text
//! z_ij = max(γ/√d·(e_ij − mean_j e_ij) + α, 0)
//! context_ik = β·Σ_j sign(v_jk)·max(|v_jk| − z_ij, 0)        (β/n with `normalise`)
//! ```
//!
//! Σ_k |q − k| is 2·Σ max(q, k) − Σ q − Σ k: two operations for each feature instead of three. Σ q is the
//! same for all keys, so centring takes it away, and distances are taken relative to the first key's, so
//! that equal keys give exactly 0. Their absolute error is that of a sum of d numbers as large as q and k.
//!
//! sign(v)·max(|v| − z, 0) is v − clamp(v, −z, z), so Σ v, once for all queries, less a sum of two
//! operations for each feature. Where z ≥ |v| for all keys the result is exactly 0.
//!
//! NaN and infinity: in a query, in any key that is centred over, in α or γ, they make the whole row of
//! context NaN; in a value its feature in all rows becomes what IEEE arithmetic gives.

use std::ops::Range;

use super::pack::Rows;
use super::scratch::with_arrays;
use super::tiles::{self, Mix, Pair, QUERIES, ROWS, load_tile, mix_rows, pair_rows};
use super::{Shape, pieces};
use crate::context::Context;
use crate::error::{KernelError, Result, check_len};
use crate::simd::{Kernel, LANES, Simd};
use crate::training::Dropout;

/// What a layer has learned, and its settings.
#[derive(Clone, Copy, Debug)]
pub struct Inhibitor<'a> {
    /// One for the layer or one for each head, as β and γ.
    pub alpha: &'a [f32],
    pub beta: &'a [f32],
    pub gamma: &'a [f32],
    /// Divides the sum by n.
    pub normalise: bool,
    /// Centres scores over all N keys instead of the n real ones.
    pub center_over_all: bool,
    /// Keys (index sequence·N + key) whose values are left out for all heads and queries. They still
    /// count in the mean and in n; kept ones are not scaled.
    pub key_dropout: Dropout,
}

impl Inhibitor<'_> {
    pub(super) fn check(&self, shape: Shape) -> Result<()> {
        let all = [
            ("alpha", self.alpha),
            ("beta", self.beta),
            ("gamma", self.gamma),
        ];
        for (name, values) in all {
            if values.len() != 1 && values.len() != shape.heads {
                return Err(KernelError::Invalid(format!(
                    "{name} has {} values for {} heads; it must have one, or one for each",
                    values.len(),
                    shape.heads
                )));
            }
        }
        Ok(())
    }

    /// Settings of one head of one sequence of `keys` tokens.
    pub(super) fn head(&self, shape: Shape, item: usize, keys: usize) -> Head {
        let (sequence, head) = (item / shape.heads, item % shape.heads);
        let of = |values: &[f32]| values[if values.len() == 1 { 0 } else { head }];
        Head {
            alpha: of(self.alpha),
            beta: of(self.beta),
            slope: (f64::from(of(self.gamma)) / (shape.features as f64).sqrt()) as f32,
            divisor: if self.normalise { keys as f32 } else { 1.0 },
            keys,
            centred: match (keys, self.center_over_all) {
                (0, _) | (_, false) => keys,
                (_, true) => shape.tokens,
            },
            first_key: sequence * shape.tokens,
            dropout: self.key_dropout,
        }
    }
}

/// One head of one sequence.
#[derive(Clone, Copy)]
pub(super) struct Head {
    pub alpha: f32,
    pub beta: f32,
    /// γ/√d
    pub slope: f32,
    /// n or 1
    pub divisor: f32,
    /// n
    pub keys: usize,
    /// Keys that scores are centred over.
    pub centred: usize,
    first_key: usize,
    dropout: Dropout,
}

impl Head {
    /// Rows of real values, those of dropped keys 0.
    ///
    /// # Safety
    /// As [`Rows::load`].
    #[inline(always)]
    pub unsafe fn load_values<S: Simd>(&self, v: Rows, to: *mut f32) {
        let width = v.features.next_multiple_of(LANES);
        // SAFETY: the caller's rows and room.
        unsafe {
            v.load::<S>(0, self.keys, 1.0, to);
            for key in (0..self.keys).filter(|key| self.is_dropped(*key)) {
                to.add(key * width).write_bytes(0, width);
            }
        }
    }

    /// The same in transposed blocks.
    ///
    /// # Safety
    /// As [`Rows::load_transposed`].
    #[inline(always)]
    pub unsafe fn load_values_transposed<S: Simd>(&self, v: Rows, to: *mut f32) {
        // SAFETY: the caller's rows and room.
        unsafe {
            v.load_transposed::<S>(self.keys, to);
            for key in (0..self.keys).filter(|key| self.is_dropped(*key)) {
                let block = to.add(key / LANES * v.features * LANES + key % LANES);
                (0..v.features).for_each(|k| block.add(k * LANES).write(0.0));
            }
        }
    }

    pub fn is_dropped(&self, key: usize) -> bool {
        !self.dropout.is_none() && self.dropout.factor((self.first_key + key) as u32) == 0.0
    }
}

/// max(q, k), NaN where q is (one in k shows in its sum).
struct Larger;

impl Pair for Larger {
    #[inline(always)]
    unsafe fn add<S: Simd>(sum: S::F, key: S::F, query: S::F, one: S::F) -> S::F {
        // SAFETY: the caller's features.
        unsafe { tiles::add::<S>(sum, S::max(key, query), one) }
    }
}

/// clamp(v, −z, z)
struct Clamped;

impl Mix for Clamped {
    #[inline(always)]
    unsafe fn add<S: Simd>(sum: S::F, value: S::F, weight: S::F, one: S::F) -> S::F {
        // SAFETY: the caller's features.
        unsafe { tiles::add::<S>(sum, S::clamp_magnitude(value, weight), one) }
    }
}

/// halves[j] = Σ_k key_jk / 2 of transposed blocks.
///
/// # Safety
/// As [`Simd`]; arrays have these sizes.
#[inline(always)]
pub(super) unsafe fn half_sums<S: Simd>(
    keys: *const f32,
    features: usize,
    blocks: usize,
    halves: *mut f32,
) {
    // SAFETY: blocks are below `blocks`.
    unsafe {
        for block in 0..blocks {
            let mut sum = S::splat(0.0);
            for k in 0..features {
                sum = S::add(sum, S::load(keys.add((block * features + k) * LANES)));
            }
            S::store(halves.add(block * LANES), S::mul(sum, S::splat(0.5)));
        }
    }
}

/// Keys of a head as the scores need them.
#[derive(Clone, Copy)]
pub(super) struct Keys {
    /// (blocks, d, 16)
    pub transposed: *const f32,
    /// (blocks·16)
    pub halves: *const f32,
    pub blocks: usize,
}

/// Half distances relative to the first key's, less their mean, and scores, of a tile of `count` queries; both
/// arrays have rows of blocks·16. The result is 0 for each row, NaN (as its scores) where anything is not
/// finite.
///
/// # Safety
/// As [`Simd`]; arrays have these sizes; the two may be one.
#[inline(always)]
pub(super) unsafe fn score_rows<S: Simd>(
    head: &Head,
    keys: Keys,
    count: usize,
    queries: *const f32,
    features: usize,
    distances: *mut f32,
    scores: *mut f32,
) -> [f32; QUERIES] {
    let stride = keys.blocks * LANES;
    let width = features.next_multiple_of(LANES);
    let (whole, rest) = (head.centred / LANES, head.centred % LANES);
    let mut faults = [0.0; QUERIES];
    // SAFETY: blocks are below `blocks`, rows below QUERIES.
    unsafe {
        pair_rows::<S, Larger>(
            count.next_multiple_of(ROWS),
            queries,
            width,
            keys.transposed,
            features,
            keys.blocks,
            distances,
            stride,
        );
        for (r, fault) in faults.iter_mut().enumerate().take(count) {
            let (row, scores) = (distances.add(r * stride), scores.add(r * stride));
            let first = S::splat(*row - *keys.halves);
            let mut sum = S::splat(0.0);
            for block in 0..keys.blocks {
                let at = row.add(block * LANES);
                let half = S::sub(S::load(at), S::load(keys.halves.add(block * LANES)));
                S::store(at, S::sub(half, first));
                if block < whole {
                    sum = S::add(sum, S::load(at));
                }
            }
            if rest > 0 {
                sum = S::add(sum, S::load_first(row.add(whole * LANES), rest));
            }
            let mean = S::sum(sum) / head.centred as f32;
            let mut zeros = S::splat(mean * 0.0 + head.slope * 0.0 + head.alpha * 0.0);
            for at in (0..width).step_by(LANES) {
                zeros = S::fma(S::load(queries.add(r * width + at)), S::splat(0.0), zeros);
            }
            *fault = S::sum(zeros);
            let (slope, alpha) = (S::splat(2.0 * head.slope), S::splat(head.alpha + *fault));
            for block in 0..keys.blocks {
                let at = block * LANES;
                let centred = S::sub(S::load(row.add(at)), S::splat(mean));
                S::store(row.add(at), centred);
                let score = S::max(S::splat(0.0), S::fma(centred, slope, alpha));
                S::store(scores.add(at), score);
            }
        }
    }
    faults
}

/// context = the inhibitor of `projected`; see the module for shapes. `lengths` are the real tokens of
/// each sequence. `Invalid` where a size does not fit.
pub fn inhibitor_attention(
    context: &Context,
    shape: Shape,
    inhibitor: &Inhibitor,
    projected: &[f32],
    lengths: &[i32],
    output: &mut [f32],
) -> Result<()> {
    shape.check(projected, lengths)?;
    check_len("context", output, shape.values(1)?)?;
    inhibitor.check(shape)?;
    let (width, features) = (shape.width(), shape.features);
    let all = shape.rows(projected.as_ptr(), 3);
    let output = shape.rows(output.as_mut_ptr(), 1);
    pieces(context, shape, lengths, |piece| {
        let head = inhibitor.head(shape, piece.item, piece.keys);
        // SAFETY: sizes were checked.
        let rows = unsafe {
            let [q, k, v] = shape.parts(all, piece.item);
            [q, k, v, shape.head(output, piece.item, 0)]
        };
        // SAFETY: pieces have rows of their own.
        unsafe { rows[3].clear(piece.padding) };
        if piece.queries.is_empty() {
            return;
        }
        let blocks = head.centred.div_ceil(LANES);
        let sizes = [
            blocks * features * LANES,
            blocks * LANES,
            head.keys * width,
            width,
            QUERIES * width,
            QUERIES * blocks * LANES,
            QUERIES * width,
        ];
        with_arrays(sizes, |arrays| {
            context.run(Forward {
                head,
                rows,
                queries: piece.queries,
                arrays,
            });
        });
    });
    Ok(())
}

/// `rows` are those of query, key, value and context, `arrays` have the sizes above.
struct Forward {
    head: Head,
    rows: [Rows; 4],
    queries: Range<usize>,
    arrays: [*mut f32; 7],
}

impl Kernel for Forward {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Self { head, .. } = self;
        let [q, k, v, context] = self.rows;
        let [keys, halves, values, value_sums, tile, scores, sums] = self.arrays;
        let features = q.features;
        let width = features.next_multiple_of(LANES);
        let blocks = head.centred.div_ceil(LANES);
        // SAFETY: rows below `keys` (`centred` for k) exist, arrays have room for them.
        unsafe {
            k.load_transposed::<S>(head.centred, keys);
            half_sums::<S>(keys, features, blocks, halves);
            head.load_values::<S>(v, values);
            sum_rows::<S>(values, width, head.keys, value_sums);
            let keys = Keys {
                transposed: keys,
                halves,
                blocks,
            };
            let factor = S::splat(head.beta / head.divisor);
            for from in self.queries.clone().step_by(QUERIES) {
                let count = QUERIES.min(self.queries.end - from);
                load_tile::<S>(q, from, count, 1.0, tile);
                let faults = score_rows::<S>(&head, keys, count, tile, features, scores, scores);
                sums.write_bytes(0, QUERIES * width);
                let (rows, stride) = (count.next_multiple_of(ROWS), blocks * LANES);
                mix_rows::<S, Clamped>(rows, scores, stride, values, width, head.keys, sums);
                for (r, fault) in faults.into_iter().enumerate().take(count) {
                    for at in (0..width).step_by(LANES) {
                        let sum = sums.add(r * width + at);
                        let passed = S::sub(S::load(value_sums.add(at)), S::load(sum));
                        S::store(sum, S::fma(passed, factor, S::splat(fault)));
                    }
                }
                context.store::<S>(from, count, 1.0, sums);
            }
        }
    }
}

/// sums[k] = Σ_j values[j][k], in the order of keys.
#[inline(always)]
unsafe fn sum_rows<S: Simd>(values: *const f32, width: usize, keys: usize, sums: *mut f32) {
    // SAFETY: the caller's sizes.
    unsafe {
        for at in (0..width).step_by(LANES) {
            let mut sum = S::splat(0.0);
            for j in 0..keys {
                sum = S::add(sum, S::load(values.add(j * width + at)));
            }
            S::store(sums.add(at), sum);
        }
    }
}
