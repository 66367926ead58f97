//! f32 attention between the projections, forward and gradient: the inhibitor and its rival, the scaled
//! dot product, on the same packing, tiles and loops.
//!
//! Letters: B sequences of N tokens (padding at the end), h heads of d features, H = h·d; of a sequence,
//! n = real tokens; i = query, j = key, k = feature. `projected` is (B·N, 3·H): query, key and value side
//! by side; context is (B·N, H). Extra memory: O(N·d) for each thread, forward and gradient; distances
//! and scores are recomputed for the gradient, not kept.
//!
//! Work is cut by sequence and head (forward: and by queries, where there are more threads than heads),
//! each piece with sums in the order of its keys, so a sequence's results depend neither on threads, nor
//! on what else is in the batch, nor on padding (apart from `center_over_all`, whose meaning it is).
//!
//! Rows of padding: context 0, ∂projected 0 (keys under `center_over_all` have theirs). A sequence of
//! length 0 gives zeros.

mod dot;
mod dot_gradient;
mod inhibitor;
mod inhibitor_gradient;
mod pack;
mod scratch;
#[cfg(test)]
mod tests;
mod tiles;

pub use dot::dot_attention;
pub use dot_gradient::dot_attention_gradient;
pub use inhibitor::{Inhibitor, inhibitor_attention};
pub use inhibitor_gradient::{QkGradient, inhibitor_attention_gradient};

use std::ops::Range;

use crate::context::Context;
use crate::error::{KernelError, Result, check_len};
use crate::simd::LANES;
use pack::Rows;
use tiles::QUERIES;

/// Queries of a piece of a head: fewer would not pay for packing its keys and values.
const LEAST_QUERIES: usize = 32;

/// Sizes of a layer's call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// B
    pub batch: usize,
    /// N
    pub tokens: usize,
    /// h
    pub heads: usize,
    /// d
    pub features: usize,
}

impl Shape {
    pub fn hidden(self) -> usize {
        self.heads * self.features
    }

    /// d rounded up to whole vectors.
    fn width(self) -> usize {
        self.features.next_multiple_of(LANES)
    }

    /// Heads of all sequences.
    fn items(self) -> usize {
        self.batch * self.heads
    }

    fn check(self, projected: &[f32], lengths: &[i32]) -> Result<()> {
        if self.features == 0 || self.heads == 0 {
            return Err(KernelError::Invalid(
                "attention without heads or features".into(),
            ));
        }
        check_len("projected", projected, self.values(3)?)?;
        check_len("lengths", lengths, self.batch)?;
        let fits = |length: &i32| usize::try_from(*length).is_ok_and(|n| n <= self.tokens);
        match lengths.iter().find(|length| !fits(length)) {
            None => Ok(()),
            Some(length) => Err(KernelError::Invalid(format!(
                "a length of {length} among sequences of {} tokens",
                self.tokens
            ))),
        }
    }

    /// B·N·parts·H.
    fn values(self, parts: usize) -> Result<usize> {
        [self.tokens, parts, self.heads, self.features]
            .into_iter()
            .try_fold(self.batch, usize::checked_mul)
            .ok_or_else(|| KernelError::Invalid(format!("{self:?} is too large")))
    }

    /// All of `projected` (3 parts), or of a context (1 part), as rows of tokens.
    fn rows(self, start: *const f32, parts: usize) -> Rows {
        Rows {
            start: start.cast_mut(),
            stride: parts * self.hidden(),
            features: self.features,
        }
    }

    /// One head of one sequence among all rows; part 0 is the query (or the context), 1 key, 2 value.
    ///
    /// # Safety
    /// `all` has this shape, the item and the part exist.
    unsafe fn head(self, all: Rows, item: usize, part: usize) -> Rows {
        let (sequence, head) = (item / self.heads, item % self.heads);
        let at = sequence * self.tokens * all.stride + part * self.hidden() + head * self.features;
        Rows {
            // SAFETY: inside of the array.
            start: unsafe { all.start.add(at) },
            ..all
        }
    }

    /// Query, key and value of one head of one sequence.
    ///
    /// # Safety
    /// As [`Shape::head`].
    unsafe fn parts(self, all: Rows, item: usize) -> [Rows; 3] {
        // SAFETY: the caller's array and item.
        [0, 1, 2].map(|part| unsafe { self.head(all, item, part) })
    }
}

/// What one call of a forward kernel computes.
struct Piece {
    item: usize,
    /// n
    keys: usize,
    queries: Range<usize>,
    /// Queries beyond n; empty in all pieces of an item but one.
    padding: Range<usize>,
}

/// Calls `work` with all pieces, in parallel. All queries of a head of a sequence are one piece unless
/// there are more threads than heads.
fn pieces(context: &Context, shape: Shape, lengths: &[i32], work: impl Fn(Piece) + Sync) {
    let (items, threads) = (shape.items(), context.pool.threads());
    if items == 0 {
        return;
    }
    let parts = (3 * threads / items).clamp(1, shape.tokens.div_ceil(LEAST_QUERIES).max(1));
    context.pool.each(items * parts, |index| {
        let (item, part) = (index / parts, index % parts);
        let keys = lengths[item / shape.heads] as usize;
        let each = keys.div_ceil(parts).next_multiple_of(QUERIES);
        let from = keys.min(part * each);
        let is_last = part + 1 == parts;
        work(Piece {
            item,
            keys,
            queries: from..keys.min(from + each),
            padding: keys..if is_last { shape.tokens } else { keys },
        });
    });
}
