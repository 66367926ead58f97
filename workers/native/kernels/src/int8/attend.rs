//! What both attention cores share: scores of a few queries with all keys, weights of eight bits, sums of
//! values. What they do differently is a [`Rule`].

use super::head::{BLOCK, HeadScratch, MOST_QUERIES, STRIDE};
use crate::simd::{BYTES, Kernel, LANES, Simd};

/// How queries, keys and values meet.
pub(super) trait Rule {
    /// Whether values have a second line of bytes: signs.
    const SIGNS: bool;
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
    /// Keys that have values, and queries.
    pub valid: usize,
    pub out: &'a mut [f32],
    pub out_stride: usize,
    pub d: usize,
}

impl<R: Rule> Kernel for Attend<'_, R> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(mut self) {
        // SAFETY: scratch has room for padded queries and keys; only valid rows of `out` are written.
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
            for first in (0..self.valid).step_by(Q) {
                let folded = self.scores::<S, Q, K>(first);
                let mut factors = [0.0; Q];
                for (row, factor) in factors.iter_mut().enumerate() {
                    *factor = self.weights::<S>(row, folded[row]);
                }
                let count = Q.min(self.valid - first);
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

    /// From one row of scores or weights to the next.
    #[inline(always)]
    fn stride(&self) -> usize {
        self.keys.next_multiple_of(STRIDE)
    }

    /// Scores of Q queries and what they fold to.
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
            let (wide, stride) = (self.wide, self.stride());
            let q: *const u8 = self.scratch.q.as_ptr().cast::<u8>().add(first * wide);
            let k: *const u8 = self.scratch.k.as_ptr().cast();
            let k = k.add(from / BLOCK * BLOCK * wide + from % BLOCK * 4);
            let starts: *const i32 = self.scratch.key_starts.as_ptr().cast::<i32>().add(from);
            let to: *mut i32 = self.scratch.scores.as_mut_ptr().cast::<i32>().add(from);
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
                    S::store_i32(to.add(row * stride + at * LANES), *score);
                }
            }
        }
    }

    /// Weights of a row of scores; returns its factor. A quarter of 64 bytes has the weights of four keys of
    /// each sixteen: see [`Simd::pack_4`].
    #[inline(always)]
    unsafe fn weights<S: Simd>(&mut self, row: usize, folded: i32) -> f32 {
        // SAFETY: the caller's.
        unsafe {
            let at = row * self.stride();
            let from: *const i32 = self.scratch.scores.as_ptr().cast::<i32>().add(at);
            let to = self.scratch.weights.as_mut_ptr().cast::<u8>().add(at);
            let row = self.rule.row::<S>(folded);
            let mut sum = S::splat_i32(0);
            for first in (0..self.valid).step_by(STRIDE) {
                let mut parts = [S::splat_i32(0); 4];
                for (part, weights) in parts.iter_mut().enumerate() {
                    let at = first + part * LANES;
                    if at < self.valid {
                        let count = LANES.min(self.valid - at);
                        *weights = self.rule.weigh::<S>(&row, S::load_i32(from.add(at)), count);
                    }
                }
                let [a, b, c, e] = parts;
                if !R::SIGNS {
                    sum = S::add_i32(S::add_i32(sum, S::add_i32(a, b)), S::add_i32(c, e));
                }
                S::store_bytes(to.add(first), S::pack_4(a, b, c, e));
            }
            self.rule.factor(S::sum_i32(sum))
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
            let stride = self.stride();
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
            for key in (0..self.valid).step_by(4) {
                let mut lines = [S::zero_bytes(); V];
                let mut minus = [S::zero_bytes(); V];
                for part in 0..V {
                    let line = key * self.wide + part * BYTES;
                    lines[part] = S::load_bytes(v.add(line));
                    if R::SIGNS {
                        minus[part] = S::load_bytes(signs.add(line));
                    }
                }
                let place = key / STRIDE * STRIDE + key % LANES * 4 + key % STRIDE / LANES * 4;
                for (row, sums) in sums.iter_mut().enumerate() {
                    let weight = S::splat_4(weights.add(row * stride + place));
                    for part in 0..V {
                        sums[part] = R::mix::<S>(sums[part], weight, lines[part], minus[part]);
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
