//! The first prototype of the integer dot-product core, written anew with the same instructions and data
//! layout: its quick exponential, four queries at a time, no masks, multiples of sixteen keys, 64 features.
//! One thing differs: keys are unsigned and queries signed, so that what it computes is attention.

use std::arch::x86_64::*;

pub const FEATURES: usize = 64;
const QUERIES: usize = 4;

/// A head of n tokens as bytes, and the rows of a few queries.
pub struct Packed {
    tokens: usize,
    /// (n, d) signed
    q: Vec<i8>,
    /// [n/16][d/4][16 keys][4], 128 added
    k: Vec<u8>,
    /// [n/4][d][4 keys] signed
    v: Vec<i8>,
    /// Of a step of a score, with 1/√d.
    scale: f32,
    /// Of a step of a value.
    value: f32,
    scores: Vec<f32>,
    weights: Vec<u8>,
    /// (n, d): sums of value steps times weights of 255.
    sums: Vec<i32>,
    /// (n): sums of the weights; not timed, for the check.
    totals: Vec<i32>,
}

fn quantize(x: &[f32]) -> (Vec<i8>, f32) {
    let scale = x.iter().fold(0f32, |most, x| most.max(x.abs())) / 127.0;
    let step = |x: &f32| (x / scale).round_ties_even() as i8;
    (x.iter().map(step).collect(), scale)
}

impl Packed {
    /// q, k and v are (n, 64).
    pub fn new([q, k, v]: [&[f32]; 3]) -> Self {
        let tokens = q.len() / FEATURES;
        assert!(tokens.is_multiple_of(16));
        let ((q, sq), (rows_k, sk), (rows_v, sv)) = (quantize(q), quantize(k), quantize(v));
        let size = tokens * FEATURES;
        let (mut k, mut v) = (vec![0; size], vec![0; size]);
        for key in 0..tokens {
            for feature in 0..FEATURES {
                let from = key * FEATURES + feature;
                let line = key / 16 * FEATURES / 4 + feature / 4;
                k[line * 64 + key % 16 * 4 + feature % 4] = (i32::from(rows_k[from]) + 128) as u8;
                v[(key / 4 * FEATURES + feature) * 4 + key % 4] = rows_v[from];
            }
        }
        Self {
            tokens,
            q,
            k,
            v,
            scale: sq * sk / (FEATURES as f32).sqrt(),
            value: sv,
            scores: vec![0.0; QUERIES * tokens],
            weights: vec![0; QUERIES * tokens],
            sums: vec![0; size],
            totals: vec![0; tokens],
        }
    }

    /// # Safety
    /// The CPU has these features.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    pub unsafe fn run(&mut self) {
        for first in (0..self.tokens).step_by(QUERIES) {
            // SAFETY: queries, keys and rows are as many as `new` made, multiples of four and sixteen.
            unsafe {
                self.score(first);
                self.weigh();
                self.mix(first);
            }
        }
    }

    /// The context (n, d), with the sums of the weights that the core itself does not keep.
    ///
    /// # Safety
    /// As `run`.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    pub unsafe fn context(&mut self) -> Vec<f32> {
        for first in (0..self.tokens).step_by(QUERIES) {
            // SAFETY: as in `run`.
            unsafe {
                self.score(first);
                self.weigh();
                self.mix(first);
            }
            for row in 0..QUERIES {
                let weights = &self.weights[row * self.tokens..][..self.tokens];
                self.totals[first + row] = weights.iter().map(|w| i32::from(*w)).sum();
            }
        }
        let row = |at: usize| self.value / self.totals[at / FEATURES] as f32;
        let sums = self.sums.iter().enumerate();
        sums.map(|(at, sum)| *sum as f32 * row(at)).collect()
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    unsafe fn score(&mut self, first: usize) {
        // SAFETY: the caller's.
        unsafe {
            let scale = _mm512_set1_ps(self.scale);
            let q = self.q.as_ptr().add(first * FEATURES);
            for block in 0..self.tokens / 16 {
                let k = self.k.as_ptr().add(block * 16 * FEATURES);
                let mut sums = [_mm512_setzero_si512(); QUERIES];
                for group in 0..FEATURES / 4 {
                    let line = _mm512_loadu_si512(k.add(group * 64).cast());
                    for (row, sum) in sums.iter_mut().enumerate() {
                        let four = q.add(row * FEATURES + group * 4).cast::<i32>();
                        let query = _mm512_set1_epi32(four.read_unaligned());
                        *sum = _mm512_dpbusd_epi32(*sum, line, query);
                    }
                }
                for (row, sum) in sums.into_iter().enumerate() {
                    let to = self.scores.as_mut_ptr().add(row * self.tokens + block * 16);
                    _mm512_storeu_ps(to, _mm512_mul_ps(_mm512_cvtepi32_ps(sum), scale));
                }
            }
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    unsafe fn weigh(&mut self) {
        // SAFETY: the caller's.
        unsafe {
            for row in 0..QUERIES {
                let scores = self.scores.as_ptr().add(row * self.tokens);
                let weights = self.weights.as_mut_ptr().add(row * self.tokens);
                let mut most = _mm512_set1_ps(-1e30);
                for key in (0..self.tokens).step_by(16) {
                    most = _mm512_max_ps(most, _mm512_loadu_ps(scores.add(key)));
                }
                let most = _mm512_set1_ps(_mm512_reduce_max_ps(most));
                let mut total = _mm512_setzero_ps();
                for key in (0..self.tokens).step_by(16) {
                    let below = _mm512_sub_ps(_mm512_loadu_ps(scores.add(key)), most);
                    let weight = power(_mm512_mul_ps(
                        below,
                        _mm512_set1_ps(std::f32::consts::LOG2_E),
                    ));
                    total = _mm512_add_ps(total, weight);
                    let steps = _mm512_mul_ps(weight, _mm512_set1_ps(255.0));
                    let bytes = _mm512_cvtusepi32_epi8(_mm512_cvtps_epu32(steps));
                    _mm_storeu_si128(weights.add(key).cast(), bytes);
                }
                std::hint::black_box(total);
            }
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    unsafe fn mix(&mut self, first: usize) {
        // SAFETY: the caller's.
        unsafe {
            let mut sums = [[_mm512_setzero_si512(); FEATURES / 16]; QUERIES];
            for key in (0..self.tokens).step_by(4) {
                let v = self.v.as_ptr().add(key * FEATURES);
                let mut weights = [_mm512_setzero_si512(); QUERIES];
                for (row, weight) in weights.iter_mut().enumerate() {
                    let four = self.weights.as_ptr().add(row * self.tokens + key);
                    *weight = _mm512_set1_epi32(four.cast::<i32>().read_unaligned());
                }
                for part in 0..FEATURES / 16 {
                    let line = _mm512_loadu_si512(v.add(part * 64).cast());
                    for (sums, weight) in sums.iter_mut().zip(weights) {
                        sums[part] = _mm512_dpbusd_epi32(sums[part], weight, line);
                    }
                }
            }
            for (row, sums) in sums.iter().enumerate() {
                for (part, sum) in sums.iter().enumerate() {
                    let at = (first + row) * FEATURES + part * 16;
                    _mm512_storeu_si512(self.sums.as_mut_ptr().add(at).cast(), *sum);
                }
            }
        }
    }
}

/// 2ˣ
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn power(x: __m512) -> __m512 {
    let whole = _mm512_roundscale_ps::<0>(x);
    let rest = _mm512_sub_ps(x, whole);
    let mut sum = _mm512_set1_ps(0.0096);
    for c in [0.0555, 0.2402, std::f32::consts::LN_2, 1.0] {
        sum = _mm512_fmadd_ps(sum, rest, _mm512_set1_ps(c));
    }
    _mm512_scalef_ps(sum, whole)
}
