//! What both attention cores share: scores of a few queries with all keys, weights of eight bits, sums of
//! values. What they do differently is a [`Rule`].

use super::head::{BLOCK, HeadScratch, MOST_QUERIES, STRIDE};
use crate::simd::{BYTES, Kernel, LANES, Simd};

/// How queries, keys and values meet.
pub(super) trait Rule {
    /// Whether values have a second line of bytes: signs.
    const SIGNS: bool;
    /// Whether the factor of a row depends on the sum of its weights.
    const SUMMED: bool;
    /// What `fold` starts from.
    const FOLDED: i32;

    /// Adds what four features of sixteen keys and of a query (splat) make of a score.
    ///
    /// # Safety
    /// As [`Simd`]; so for all.
    unsafe fn compare<S: Simd>(score: S::I, keys: S::B, query: S::B) -> S::I;

    /// What is known of a row of scores before weights can be found.
    unsafe fn fold<S: Simd>(folded: S::I, scores: S::I) -> S::I;
    unsafe fn folded<S: Simd>(folded: S::I) -> i32;

    /// Weights 0…255 (or more, which are cut) of sixteen scores, given the fold. `count` < 16 in the last
    /// ones: others must weigh 0 where it matters.
    unsafe fn weigh<S: Simd>(&self, row: &Row<S>, scores: S::I, count: usize) -> S::I;
    unsafe fn row<S: Simd>(&self, folded: i32) -> Row<S>;

    /// What a row's sums are multiplied with, given the sum of its weights.
    fn factor(&self, weights: i32) -> f32;

    /// Adds sixteen features of four values with their weights (splat).
    unsafe fn mix<S: Simd>(sum: S::I, weights: S::B, values: S::B, signs: S::B) -> S::I;
}

/// Numbers of a row, for all lanes.
pub(super) struct Row<S: Simd> {
    pub largest: S::I,
    pub slope: S::F,
    pub start: S::F,
}

/// A packed head and where its context goes.
pub(super) struct Attend<'a, R> {
    pub rule: R,
    pub scratch: &'a mut HeadScratch,
    /// Padded.
    pub wide: usize,
    /// Keys that are compared.
    pub keys: usize,
    /// Keys that have values.
    pub valid: usize,
    /// The first ones, at most `valid`.
    pub queries: usize,
    pub out: &'a mut [f32],
    pub out_stride: usize,
    pub d: usize,
}

impl<R: Rule> Kernel for Attend<'_, R> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(mut self) {
        // SAFETY: scratch has room for padded queries and keys; only rows of queries of `out` are written.
        unsafe {
            if S::REGISTERS == 32 {
                self.queries::<S, 8, 2, 2>();
            } else {
                self.queries::<S, 4, 1, 1>();
            }
        }
    }
}

impl<R: Rule> Attend<'_, R> {
    /// Q queries at a time; scores of K · 16 keys and V · 16 features of the context in registers.
    #[inline(always)]
    unsafe fn queries<S: Simd, const Q: usize, const K: usize, const V: usize>(&mut self) {
        const { assert!(Q <= MOST_QUERIES && BLOCK.is_multiple_of(K * LANES)) };
        // SAFETY: the caller's.
        unsafe {
            for first in (0..self.queries).step_by(Q) {
                let folded = self.scores::<S, Q, K>(first);
                let mut sums = [S::splat_i32(0); Q];
                for (row, sum) in sums.iter_mut().enumerate() {
                    *sum = self.weights::<S>(row, folded[row]);
                }
                let mut factors = [0.0; Q];
                for (factor, sum) in factors.iter_mut().zip(sums) {
                    let sum = if R::SUMMED { S::sum_i32(sum) } else { 0 };
                    *factor = self.rule.factor(sum);
                }
                let count = Q.min(self.queries - first);
                let mut at = 0;
                while at + V * LANES <= self.wide {
                    self.context::<S, Q, V>(first, count, at, &factors);
                    at += V * LANES;
                }
                while at < self.wide {
                    self.context::<S, Q, 1>(first, count, at, &factors);
                    at += LANES;
                }
            }
        }
    }

    /// Scores of Q queries, [block of 64 keys][queries][64 keys] as weights are, and what they fold to.
    #[inline(always)]
    unsafe fn scores<S: Simd, const Q: usize, const K: usize>(&mut self, first: usize) -> [i32; Q] {
        // SAFETY: the caller's.
        unsafe {
            let mut folded = [S::splat_i32(R::FOLDED); Q];
            let mut from = 0;
            while from < self.keys {
                // what is left of the last block may be half of it
                if K > 1 && self.keys - from <= LANES {
                    self.tile::<S, Q, 1>(first, from, &mut folded);
                    from += LANES;
                } else {
                    self.tile::<S, Q, K>(first, from, &mut folded);
                    from += K * LANES;
                }
            }
            let mut found = [0; Q];
            for (found, folded) in found.iter_mut().zip(folded) {
                *found = R::folded::<S>(folded);
            }
            found
        }
    }

    #[inline(always)]
    unsafe fn tile<S: Simd, const Q: usize, const K: usize>(
        &mut self,
        first: usize,
        from: usize,
        folded: &mut [S::I; Q],
    ) {
        // SAFETY: the caller's.
        unsafe {
            let wide = self.wide;
            let q: *const u8 = self.scratch.q.as_ptr().cast::<u8>().add(first * wide);
            let k: *const u8 = self.scratch.k.as_ptr().cast();
            let k = k.add(from / BLOCK * BLOCK * wide + from % BLOCK * 4);
            let starts: *const i32 = self.scratch.key_starts.as_ptr().cast::<i32>().add(from);
            let to: *mut i32 = self.scratch.scores.as_mut_ptr().cast();
            let to = to.add(from / STRIDE * STRIDE * MOST_QUERIES + from % STRIDE);
            let mut scores = [[S::splat_i32(0); K]; Q];
            for row in &mut scores {
                for (at, score) in row.iter_mut().enumerate() {
                    *score = S::load_i32(starts.add(at * LANES));
                }
            }
            for group in 0..wide / 4 {
                let mut lines = [S::zero_bytes(); K];
                for (at, line) in lines.iter_mut().enumerate() {
                    *line = S::load_bytes(k.add(group * BLOCK * 4 + at * BYTES));
                }
                for (row, scores) in scores.iter_mut().enumerate() {
                    let query = S::splat_4(q.add(row * wide + group * 4));
                    for (score, line) in scores.iter_mut().zip(lines) {
                        *score = R::compare::<S>(*score, line, query);
                    }
                }
            }
            for (row, scores) in scores.iter().enumerate() {
                for (at, score) in scores.iter().enumerate() {
                    folded[row] = R::fold::<S>(folded[row], *score);
                    S::store_i32(to.add(row * STRIDE + at * LANES), *score);
                }
            }
        }
    }

    /// Weights of a row of scores; returns their sum in parts. A quarter of 64 bytes has the weights of four keys of
    /// each sixteen: see [`Simd::pack_4`].
    #[inline(always)]
    unsafe fn weights<S: Simd>(&mut self, row: usize, folded: i32) -> S::I {
        // SAFETY: the caller's.
        unsafe {
            let at = row * STRIDE;
            let from: *const i32 = self.scratch.scores.as_ptr().cast::<i32>().add(at);
            let to = self.scratch.weights.as_mut_ptr().cast::<u8>().add(at);
            let (rule, row) = (&self.rule, self.rule.row::<S>(folded));
            let mut sum = S::splat_i32(0);
            for first in (0..self.valid).step_by(STRIDE) {
                let block = first * MOST_QUERIES;
                let from = from.add(block);
                let mut parts = [S::splat_i32(0); 4];
                if first + STRIDE <= self.valid {
                    for (part, weights) in parts.iter_mut().enumerate() {
                        let scores = S::load_i32(from.add(part * LANES));
                        *weights = rule.weigh::<S>(&row, scores, LANES);
                    }
                } else {
                    for (part, weights) in parts.iter_mut().enumerate() {
                        let at = first + part * LANES;
                        if at < self.valid {
                            let count = LANES.min(self.valid - at);
                            let scores = S::load_i32(from.add(part * LANES));
                            *weights = rule.weigh::<S>(&row, scores, count);
                        }
                    }
                }
                let [a, b, c, e] = parts;
                if R::SUMMED {
                    sum = S::add_i32(S::add_i32(sum, S::add_i32(a, b)), S::add_i32(c, e));
                }
                S::store_bytes(to.add(block), S::pack_4(a, b, c, e));
            }
            sum
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
            let v: *const u8 = self.scratch.v.as_ptr().cast::<u8>().add(at * 4);
            let signs: *const u8 = self.scratch.signs.as_ptr().cast::<u8>().add(at * 4);
            let starts: *const i32 = self.scratch.feature_starts.as_ptr().cast::<i32>().add(at);
            let weights: *const u8 = self.scratch.weights.as_ptr().cast();
            let mut sums = [[S::splat_i32(0); V]; Q];
            for row in &mut sums {
                for (part, sum) in row.iter_mut().enumerate() {
                    *sum = S::load_i32(starts.add(part * LANES));
                }
            }
            for key in (0..self.valid).step_by(LANES) {
                let weights =
                    weights.add(key / STRIDE * STRIDE * MOST_QUERIES + key % STRIDE / LANES * 4);
                // as many as there are: not four in a row, which would ask for more registers than there are
                for quarter in 0..(self.valid - key).div_ceil(4).min(4) {
                    let at = (key + quarter * 4) * self.wide;
                    let mut lines = [S::zero_bytes(); V];
                    let mut minus = [S::zero_bytes(); V];
                    for part in 0..V {
                        lines[part] = S::load_bytes(v.add(at + part * BYTES));
                        if R::SIGNS {
                            minus[part] = S::load_bytes(signs.add(at + part * BYTES));
                        }
                    }
                    for (row, sums) in sums.iter_mut().enumerate() {
                        let weight = S::splat_4(weights.add(row * STRIDE + quarter * 16));
                        for part in 0..V {
                            sums[part] = R::mix::<S>(sums[part], weight, lines[part], minus[part]);
                        }
                    }
                }
            }
            for (row, sums) in sums.iter().enumerate().take(count) {
                for (part, sum) in sums.iter().enumerate() {
                    let x = S::mul(S::to_f32(*sum), S::splat(factors[row]));
                    let at = at + part * LANES;
                    let to = self
                        .out
                        .as_mut_ptr()
                        .add((first + row) * self.out_stride + at);
                    if at + LANES <= self.d {
                        S::store(to, x);
                    } else {
                        S::store_first(to, x, self.d - at);
                    }
                }
            }
        }
    }
}
