//! Dot-product attention on bytes: scores by byte products, weights of eight bits, context by byte
//! products.
//!
//! k is kept unsigned (128 added), q and v signed. The 128 adds the same number to all scores of a query,
//! which the softmax does not see, so it is never taken off. Weights are round(255 · exp(score − largest))
//! and are divided by their exact sum.

use super::head::{
    BLOCK, Head, HeadScratch, MOST_QUERIES, Steps, fill_rows, largest_of_rows, padded,
};
use crate::context::Context;
use crate::error::{KernelError, Result};
use crate::simd::{BYTES, Kernel, LANES, Simd, math};

/// Added to the score of a key that is padding.
const FAR_BELOW: i32 = -(1 << 30);

/// The context of one head: row i < valid of `out` is softmax(scale · q_i · K) V, others are 0. `scale`
/// is mostly 1/√d. A head with NaN or infinity gets NaN in all rows, unless its scales are given.
/// Returns how many values saturated (0 unless scales are given).
pub fn dot_head(
    context: &Context,
    head: &Head<'_>,
    scale: f32,
    scratch: &mut HeadScratch,
    out: &mut [f32],
    out_stride: usize,
) -> Result<u64> {
    head.check(out, out_stride)?;
    if !(scale.is_finite() && scale >= 0.0) {
        return Err(KernelError::Invalid(format!("a score scale of {scale}")));
    }
    scratch.reserve(head.tokens, head.d);
    Ok(context.run(DotHead {
        head,
        scale,
        scratch,
        out,
        out_stride,
    }))
}

struct DotHead<'a> {
    head: &'a Head<'a>,
    scale: f32,
    scratch: &'a mut HeadScratch,
    out: &'a mut [f32],
    out_stride: usize,
}

impl Kernel for DotHead<'_> {
    type Output = u64;

    #[inline(always)]
    unsafe fn run<S: Simd>(self) -> u64 {
        let Head {
            d, tokens, valid, ..
        } = *self.head;
        fill_rows(self.out, self.out_stride, d, valid..tokens, 0.0);
        // SAFETY: `dot_head` checked all sizes and made room.
        unsafe {
            let Some(scales) = pack::<S>(self.head, self.scratch) else {
                fill_rows(self.out, self.out_stride, d, 0..valid, f32::NAN);
                return 0;
            };
            let mut core = Core {
                scratch: self.scratch,
                d: padded(d),
                keys: valid,
                score_scale: self.scale * (scales.q * scales.k),
                value_scale: scales.v,
                out: Rows {
                    start: self.out.as_mut_ptr(),
                    stride: self.out_stride,
                    d,
                },
            };
            if S::REGISTERS == 32 {
                core.run::<S, 4, 2, 4>(valid);
            } else {
                core.run::<S, 4, 1, 1>(valid);
            }
            scales.saturated
        }
    }
}

struct Packed {
    q: f32,
    k: f32,
    v: f32,
    saturated: u64,
}

/// Quantizes and packs; `None` where a scale is not a number.
///
/// # Safety
/// As [`Simd`]; sizes are checked.
#[inline(always)]
unsafe fn pack<S: Simd>(head: &Head<'_>, scratch: &mut HeadScratch) -> Option<Packed> {
    let Head {
        q,
        k,
        v,
        stride,
        d,
        valid,
        scales,
        ..
    } = *head;
    let wide = padded(d);
    // SAFETY: the caller's; scratch has room for the padded sizes.
    unsafe {
        let found = |x| match scales {
            None => largest_of_rows::<S>(x, stride, d, valid),
            Some(_) => 0,
        };
        let mut q_steps = Steps::<S>::new(scales.map(|s| s.q), found(q), 127.0);
        let mut k_steps = Steps::<S>::new(scales.map(|s| s.k), found(k), 127.0);
        let mut v_steps = Steps::<S>::new(scales.map(|s| s.v), found(v), 127.0);
        if (q_steps.scale + k_steps.scale + v_steps.scale).is_nan() {
            return None;
        }

        // q: rows of signed bytes
        let to: *mut u8 = scratch.q.as_mut_ptr().cast();
        for row in 0..valid {
            for at in (0..wide).step_by(LANES) {
                let steps = q_steps.take(q.as_ptr().add(row * stride + at), (d - at).min(LANES));
                S::store_low_bytes(to.add(row * wide + at), steps);
            }
        }

        // k: [block][d/4][32 keys][4] unsigned
        let to: *mut u8 = scratch.k.as_mut_ptr().cast();
        let zero = S::splat_i32(128);
        for row in 0..valid {
            let block = to.add(row / BLOCK * BLOCK * wide + row % BLOCK * 4);
            for at in (0..wide).step_by(LANES) {
                let steps = k_steps.take(k.as_ptr().add(row * stride + at), (d - at).min(LANES));
                let mut bytes = [0u8; LANES];
                S::store_low_bytes(bytes.as_mut_ptr(), S::add_i32(steps, zero));
                for (group, four) in bytes.chunks_exact(4).enumerate() {
                    let to = block.add((at / 4 + group) * BLOCK * 4);
                    to.copy_from_nonoverlapping(four.as_ptr(), 4);
                }
            }
        }

        // v: [keys/4][d][4 keys] signed; keys beyond the last are 0
        let to: *mut u8 = scratch.v.as_mut_ptr().cast();
        for first in (0..valid).step_by(4) {
            for at in (0..wide).step_by(LANES) {
                let mut rows = [S::splat_i32(0); 4];
                for (row, steps) in rows.iter_mut().enumerate() {
                    if first + row < valid {
                        let from = v.as_ptr().add((first + row) * stride + at);
                        *steps = v_steps.take(from, (d - at).min(LANES));
                    }
                }
                let [a, b, c, e] = rows;
                S::store_bytes(to.add(first * wide + at * 4), S::interleave_4(a, b, c, e));
            }
        }
        Some(Packed {
            q: q_steps.scale,
            k: k_steps.scale,
            v: v_steps.scale,
            saturated: q_steps.saturated() + k_steps.saturated() + v_steps.saturated(),
        })
    }
}

/// Where the context goes.
pub(super) struct Rows {
    pub start: *mut f32,
    pub stride: usize,
    pub d: usize,
}

impl Rows {
    /// The features from `at` on of a row: at most sixteen, none beyond d.
    ///
    /// # Safety
    /// As [`Simd`]; the row exists.
    #[inline(always)]
    pub(super) unsafe fn put<S: Simd>(&self, row: usize, at: usize, x: S::F) {
        // SAFETY: the caller's; what is beyond d is left out.
        unsafe {
            let to = self.start.add(row * self.stride + at);
            if at + LANES <= self.d {
                S::store(to, x);
            } else {
                S::store_first(to, x, self.d - at);
            }
        }
    }
}

struct Core<'a> {
    scratch: &'a mut HeadScratch,
    d: usize,
    keys: usize,
    score_scale: f32,
    value_scale: f32,
    out: Rows,
}

impl Core<'_> {
    /// Q queries at a time; scores of K · 16 keys and V · 16 features of the context in registers.
    #[inline(always)]
    unsafe fn run<S: Simd, const Q: usize, const K: usize, const V: usize>(
        &mut self,
        queries: usize,
    ) {
        const { assert!(Q <= MOST_QUERIES && BLOCK.is_multiple_of(K * LANES)) };
        // SAFETY: scratch has room for padded queries and keys; only rows below `queries` are written.
        unsafe {
            for first in (0..queries).step_by(Q) {
                let largest = self.scores::<S, Q, K>(first);
                let mut factors = [0.0; Q];
                for q in 0..Q {
                    let sum = self.weigh::<S>(q, largest[q]);
                    factors[q] = self.value_scale / sum as f32;
                }
                let count = Q.min(queries - first);
                let mut at = 0;
                while at + V * LANES <= self.d {
                    self.context::<S, Q, V>(first, count, at, &factors);
                    at += V * LANES;
                }
                while at < self.d {
                    self.context::<S, Q, 1>(first, count, at, &factors);
                    at += LANES;
                }
            }
        }
    }

    fn padded_keys(&self) -> usize {
        self.keys.next_multiple_of(BLOCK)
    }

    /// Scores of Q queries (Q, padded keys), and the largest of each.
    #[inline(always)]
    unsafe fn scores<S: Simd, const Q: usize, const K: usize>(&mut self, first: usize) -> [i32; Q] {
        // SAFETY: the caller's.
        unsafe {
            let (d, keys, padded) = (self.d, self.keys, self.padded_keys());
            let q: *const u8 = self.scratch.q.as_ptr().cast::<u8>().add(first * d);
            let k: *const u8 = self.scratch.k.as_ptr().cast();
            let to: *mut i32 = self.scratch.scores.as_mut_ptr().cast();
            let mut largest = [S::splat_i32(i32::MIN); Q];
            for from in (0..padded).step_by(K * LANES) {
                let k = k.add(from / BLOCK * BLOCK * d + from % BLOCK * 4);
                let mut sums = [[S::splat_i32(0); K]; Q];
                for group in 0..d / 4 {
                    let mut lines = [S::zero_bytes(); K];
                    for (at, line) in lines.iter_mut().enumerate() {
                        *line = S::load_bytes(k.add(group * BLOCK * 4 + at * BYTES));
                    }
                    for (row, sums) in sums.iter_mut().enumerate() {
                        let x = S::splat_4(q.add(row * d + group * 4));
                        for (sum, line) in sums.iter_mut().zip(lines) {
                            *sum = S::dot_4(*sum, line, x);
                        }
                    }
                }
                if from + K * LANES > keys {
                    for at in 0..K {
                        let mut low = [0; LANES];
                        for (lane, low) in low.iter_mut().enumerate() {
                            if from + at * LANES + lane >= keys {
                                *low = FAR_BELOW;
                            }
                        }
                        let low = S::load_i32(low.as_ptr());
                        for row in &mut sums {
                            row[at] = S::add_i32(row[at], low);
                        }
                    }
                }
                for (row, sums) in sums.iter().enumerate() {
                    for (at, sum) in sums.iter().enumerate() {
                        largest[row] = S::max_i32(largest[row], *sum);
                        S::store_i32(to.add(row * padded + from + at * LANES), *sum);
                    }
                }
            }
            let mut found = [0; Q];
            for (found, largest) in found.iter_mut().zip(largest) {
                *found = S::largest_i32(largest);
            }
            found
        }
    }

    /// Weights of a row of scores, and their sum.
    #[inline(always)]
    unsafe fn weigh<S: Simd>(&mut self, row: usize, largest: i32) -> i32 {
        // SAFETY: the caller's.
        unsafe {
            let padded = self.padded_keys();
            let from: *const i32 = self.scratch.scores.as_ptr().cast::<i32>().add(row * padded);
            let to = self
                .scratch
                .weights
                .as_mut_ptr()
                .cast::<u8>()
                .add(row * padded);
            let (scale, largest) = (S::splat(self.score_scale), S::splat_i32(largest));
            let mut sum = S::splat_i32(0);
            for at in (0..self.keys).step_by(LANES) {
                let below = S::sub_i32(S::load_i32(from.add(at)), largest);
                let weight = math::exp::<S>(S::mul(S::to_f32(below), scale));
                let mut weight = S::to_i32(S::mul(weight, S::splat(255.0)));
                if at + LANES > self.keys {
                    // however small the scale is, padding weighs nothing
                    let mut lanes = [0; LANES];
                    S::store_i32(lanes.as_mut_ptr(), weight);
                    lanes[self.keys - at..].fill(0);
                    weight = S::load_i32(lanes.as_ptr());
                }
                sum = S::add_i32(sum, weight);
                S::store_low_bytes(to.add(at), weight);
            }
            S::sum_i32(sum)
        }
    }

    /// V · 16 features from `at` on of the context of `count` of Q queries.
    #[inline(always)]
    unsafe fn context<S: Simd, const Q: usize, const V: usize>(
        &mut self,
        first: usize,
        count: usize,
        at: usize,
        factors: &[f32; Q],
    ) {
        // SAFETY: the caller's.
        unsafe {
            let padded = self.padded_keys();
            let v: *const u8 = self.scratch.v.as_ptr().cast::<u8>().add(at * 4);
            let weights: *const u8 = self.scratch.weights.as_ptr().cast();
            let mut sums = [[S::splat_i32(0); V]; Q];
            for key in (0..self.keys).step_by(4) {
                let mut lines = [S::zero_bytes(); V];
                for (part, line) in lines.iter_mut().enumerate() {
                    *line = S::load_bytes(v.add(key * self.d + part * BYTES));
                }
                for (row, sums) in sums.iter_mut().enumerate() {
                    let weight = S::splat_4(weights.add(row * padded + key));
                    for (sum, line) in sums.iter_mut().zip(lines) {
                        *sum = S::dot_4(*sum, weight, line);
                    }
                }
            }
            for (row, sums) in sums.iter().enumerate().take(count) {
                for (part, sum) in sums.iter().enumerate() {
                    let x = S::mul(S::to_f32(*sum), S::splat(factors[row]));
                    self.out.put::<S>(first + row, at + part * LANES, x);
                }
            }
        }
    }
}
