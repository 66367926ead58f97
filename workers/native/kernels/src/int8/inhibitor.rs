//! Inhibitor attention on bytes: distances by packed absolute differences, Z in steps of V, inhibition by
//! saturating subtraction, sums by byte products with the signs. No exponential, no division by element.
//!
//! q and k have one scale for the head, so the 128 that both carry cancels. |V| has 255 steps. Z is
//! round(fma(D, c, α' − mean · c)) with c = γ/√d · s_qk / s_v and α' = α / s_v, limited to 0…255: a key that
//! is 255 steps of V away inhibits all.

use super::dot::Rows;
use super::head::{
    BLOCK, Head, HeadScratch, MOST_QUERIES, Steps, fill_rows, largest_of_rows, padded,
};
use crate::context::Context;
use crate::error::{KernelError, Result};
use crate::simd::{BYTES, Kernel, LANES, Simd};

/// Keys of one vector of distances.
const KEYS: usize = 8;
/// Features whose differences are added in one go.
const CHUNK: usize = 64;

#[derive(Clone, Copy, Debug)]
pub struct InhibitorParameters {
    pub alpha: f32,
    pub beta: f32,
    /// Times 1/√d inside.
    pub gamma: f32,
    /// H / n, n = valid keys.
    pub normalise: bool,
    /// The mean is taken over all tokens instead of the valid ones.
    pub center_over_all: bool,
}

/// The context of one head: row i < valid of `out` is β (/ n) · Σ_j sign(V_j) · max(|V_j| − Z_ij, 0), others
/// are 0. A head with NaN or infinity gets NaN in all rows, unless its scales are given. Returns how many
/// values saturated (0 unless scales are given).
pub fn inhibitor_head(
    context: &Context,
    head: &Head<'_>,
    parameters: &InhibitorParameters,
    scratch: &mut HeadScratch,
    out: &mut [f32],
    out_stride: usize,
) -> Result<u64> {
    head.check(out, out_stride)?;
    let InhibitorParameters {
        alpha, beta, gamma, ..
    } = *parameters;
    if !(alpha.is_finite() && beta.is_finite() && gamma.is_finite()) {
        return Err(KernelError::Invalid(format!(
            "α {alpha}, β {beta}, γ {gamma}: all must be finite"
        )));
    }
    if head.scales.is_some_and(|scales| scales.q != scales.k) {
        return Err(KernelError::Invalid(
            "q and k of the inhibitor need the same scale".into(),
        ));
    }
    scratch.reserve(head.tokens, head.d);
    Ok(context.run(InhibitorHead {
        head,
        parameters,
        scratch,
        out,
        out_stride,
    }))
}

struct InhibitorHead<'a> {
    head: &'a Head<'a>,
    parameters: &'a InhibitorParameters,
    scratch: &'a mut HeadScratch,
    out: &'a mut [f32],
    out_stride: usize,
}

impl Kernel for InhibitorHead<'_> {
    type Output = u64;

    #[inline(always)]
    unsafe fn run<S: Simd>(self) -> u64 {
        let Head {
            d, tokens, valid, ..
        } = *self.head;
        let parameters = self.parameters;
        let keys = if parameters.center_over_all {
            tokens
        } else {
            valid
        };
        fill_rows(self.out, self.out_stride, d, valid..tokens, 0.0);
        // SAFETY: `inhibitor_head` checked all sizes and made room.
        unsafe {
            let Some(packed) = pack::<S>(self.head, keys, self.scratch) else {
                fill_rows(self.out, self.out_stride, d, 0..valid, f32::NAN);
                return 0;
            };
            let shift = Shift::new(parameters, d, packed.qk, packed.v);
            let rows = if parameters.normalise {
                valid as f32
            } else {
                1.0
            };
            let mut core = Core {
                scratch: self.scratch,
                d: padded(d),
                keys,
                valid,
                shift,
                factor: packed.v * parameters.beta / rows,
                out: Rows {
                    start: self.out.as_mut_ptr(),
                    stride: self.out_stride,
                    d,
                },
            };
            if S::REGISTERS == 32 {
                core.run::<S, 4, 2, 4>();
            } else {
                core.run::<S, 4, 1, 1>();
            }
            packed.saturated
        }
    }
}

/// Z = D · slope + (start − mean · slope), in steps of V.
#[derive(Clone, Copy)]
pub(super) struct Shift {
    pub slope: f32,
    pub start: f32,
}

impl Shift {
    /// Kept within what f32 can multiply with distances.
    pub(super) fn new(parameters: &InhibitorParameters, d: usize, qk: f32, v: f32) -> Self {
        let slope = parameters.gamma / (d as f32).sqrt() * (qk / v);
        Self {
            slope: slope.clamp(-1e25, 1e25),
            start: (parameters.alpha / v).clamp(-1e25, 1e25),
        }
    }
}

struct Packed {
    qk: f32,
    v: f32,
    saturated: u64,
}

/// Quantizes and packs; `None` where a scale is not a number.
///
/// # Safety
/// As [`Simd`]; sizes are checked.
#[inline(always)]
unsafe fn pack<S: Simd>(head: &Head<'_>, keys: usize, scratch: &mut HeadScratch) -> Option<Packed> {
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
        let (mut qk_largest, mut v_largest) = (0, 0);
        if scales.is_none() {
            qk_largest = largest_of_rows::<S>(q, stride, d, valid)
                .max(largest_of_rows::<S>(k, stride, d, keys));
            v_largest = largest_of_rows::<S>(v, stride, d, valid);
        }
        let mut qk_steps = Steps::<S>::new(scales.map(|s| s.q), qk_largest, 127.0);
        let mut v_steps = Steps::<S>::new(scales.map(|s| s.v), v_largest, 255.0);
        if (qk_steps.scale + v_steps.scale).is_nan() {
            return None;
        }
        let zero = S::splat_i32(128);

        // q: rows
        let to: *mut u8 = scratch.q.as_mut_ptr().cast();
        for row in 0..valid {
            for at in (0..wide).step_by(LANES) {
                let steps = qk_steps.take(q.as_ptr().add(row * stride + at), (d - at).min(LANES));
                S::store_low_bytes(to.add(row * wide + at), S::add_i32(steps, zero));
            }
        }

        // k: [chunk of 64 features][block of 32 keys][4][features/8][8 keys][8 features]
        let to: *mut u8 = scratch.k.as_mut_ptr().cast();
        let padded = keys.next_multiple_of(BLOCK);
        for row in 0..keys {
            let (part, lane) = place(row);
            for at in (0..wide).step_by(LANES) {
                let steps = qk_steps.take(k.as_ptr().add(row * stride + at), (d - at).min(LANES));
                let mut bytes = [0u8; LANES];
                S::store_low_bytes(bytes.as_mut_ptr(), S::add_i32(steps, zero));
                let (chunk, inside) = (at / CHUNK, at % CHUNK);
                let width = CHUNK.min(wide - chunk * CHUNK);
                let vector = row / BLOCK * (BLOCK / KEYS) + part;
                let line = (chunk * CHUNK * padded) + vector * KEYS * width + inside * KEYS;
                for (half, eight) in bytes.chunks_exact(8).enumerate() {
                    let to = to.add(line + half * BYTES + lane * 8);
                    to.copy_from_nonoverlapping(eight.as_ptr(), 8);
                }
            }
        }

        // |v| and its sign: [keys/4][d][4 keys]; keys beyond the valid ones are 0
        let to: *mut u8 = scratch.v.as_mut_ptr().cast();
        let signs: *mut u8 = scratch.signs.as_mut_ptr().cast();
        let (one, none) = (S::splat(1.0), S::splat_i32(0));
        for first in (0..valid).step_by(4) {
            for at in (0..wide).step_by(LANES) {
                let (mut sizes, mut minus) = ([none; 4], [none; 4]);
                for row in 0..4 {
                    if first + row < valid {
                        let from = v.as_ptr().add((first + row) * stride + at);
                        let steps = S::to_f32(v_steps.take(from, (d - at).min(LANES)));
                        sizes[row] = S::to_i32(S::abs(steps));
                        minus[row] = S::to_i32(S::copy_sign(one, steps));
                    }
                }
                let at = first * wide + at * 4;
                let [a, b, c, e] = sizes;
                S::store_bytes(to.add(at), S::interleave_4(a, b, c, e));
                let [a, b, c, e] = minus;
                S::store_bytes(signs.add(at), S::interleave_4(a, b, c, e));
            }
        }
        Some(Packed {
            qk: qk_steps.scale,
            v: v_steps.scale,
            saturated: qk_steps.saturated() + v_steps.saturated(),
        })
    }
}

/// Which of the four vectors of its block a key is in, and its lane: so that four vectors of distances
/// pack into one in the order of keys.
#[inline(always)]
fn place(key: usize) -> (usize, usize) {
    let inside = key % BLOCK;
    (inside % 8 / 2, inside / 8 * 2 + inside % 2)
}

struct Core<'a> {
    scratch: &'a mut HeadScratch,
    d: usize,
    /// That the mean is taken over.
    keys: usize,
    /// That contribute.
    valid: usize,
    shift: Shift,
    factor: f32,
    out: Rows,
}

impl Core<'_> {
    /// Q queries at a time, distances of P of them for each load of keys, V · 16 features of the context in
    /// registers.
    #[inline(always)]
    unsafe fn run<S: Simd, const Q: usize, const P: usize, const V: usize>(&mut self) {
        const { assert!(Q <= MOST_QUERIES && Q.is_multiple_of(P)) };
        // SAFETY: scratch has room for padded queries and keys; only valid rows are written.
        unsafe {
            for first in (0..self.valid).step_by(Q) {
                for row in (0..Q).step_by(P) {
                    let totals = self.distances::<S, P>(first, row);
                    for (at, total) in totals.into_iter().enumerate() {
                        self.shift::<S>(row + at, total);
                    }
                }
                let count = Q.min(self.valid - first);
                let mut at = 0;
                while at + V * LANES <= self.d {
                    self.context::<S, Q, V>(first, count, at);
                    at += V * LANES;
                }
                while at < self.d {
                    self.context::<S, Q, 1>(first, count, at);
                    at += LANES;
                }
            }
        }
    }

    fn padded_keys(&self) -> usize {
        self.keys.next_multiple_of(BLOCK)
    }

    /// Distances of P queries from `first + row` on, to rows `row..` of scratch, and their sums.
    #[inline(always)]
    unsafe fn distances<S: Simd, const P: usize>(&mut self, first: usize, row: usize) -> [i32; P] {
        // SAFETY: the caller's.
        unsafe {
            let mut chunk = 0;
            let mut totals = [0; P];
            while chunk < self.d {
                totals = match (self.d - chunk).min(CHUNK) {
                    16 => self.chunk::<S, P, 2>(first, row, chunk),
                    32 => self.chunk::<S, P, 4>(first, row, chunk),
                    48 => self.chunk::<S, P, 6>(first, row, chunk),
                    _ => self.chunk::<S, P, 8>(first, row, chunk),
                };
                chunk += CHUNK;
            }
            totals
        }
    }

    /// The part of G · 8 features from `chunk` on.
    #[inline(always)]
    unsafe fn chunk<S: Simd, const P: usize, const G: usize>(
        &mut self,
        first: usize,
        row: usize,
        chunk: usize,
    ) -> [i32; P] {
        // SAFETY: the caller's.
        unsafe {
            let (d, padded) = (self.d, self.padded_keys());
            let q: *const u8 = self.scratch.q.as_ptr().cast::<u8>().add(first * d + chunk);
            let k: *const u8 = self.scratch.k.as_ptr().cast::<u8>().add(chunk * padded);
            let to: *mut u16 = self.scratch.scores.as_mut_ptr().cast();
            let mut queries = [[S::zero_bytes(); P]; G];
            for (group, queries) in queries.iter_mut().enumerate() {
                for (at, eight) in queries.iter_mut().enumerate() {
                    *eight = S::splat_8(q.add((row + at) * d + group * 8));
                }
            }
            let mut totals = [S::splat_i32(0); P];
            for from in (0..padded).step_by(BLOCK) {
                let mut parts = [[S::zero_bytes(); P]; 4];
                for (part, sums) in parts.iter_mut().enumerate() {
                    let k = k.add((from / KEYS + part) * G * BYTES);
                    for (group, queries) in queries.iter().enumerate() {
                        let line = S::load_bytes(k.add(group * BYTES));
                        for (sum, query) in sums.iter_mut().zip(queries) {
                            *sum = S::add_u64(*sum, S::sad_8(line, *query));
                        }
                    }
                }
                for at in 0..P {
                    let [a, b, c, e] = [parts[0][at], parts[1][at], parts[2][at], parts[3][at]];
                    let to: *mut u8 = to.add((row + at) * padded + from).cast();
                    let mut distances = S::pack_u64_as_u16(a, b, c, e);
                    if chunk > 0 {
                        distances = S::add_u16(distances, S::load_bytes(to));
                    }
                    S::store_bytes(to, distances);
                    if from + BLOCK > self.keys {
                        let mut padding = [0u16; BLOCK];
                        padding[self.keys - from..].fill(u16::MAX);
                        let padding = S::load_bytes(padding.as_ptr().cast());
                        distances = S::saturating_sub_u8(distances, padding);
                    }
                    totals[at] = S::add_pairs_u16(totals[at], distances);
                }
            }
            let mut found = [0; P];
            for (found, total) in found.iter_mut().zip(totals) {
                *found = S::sum_i32(total);
            }
            found
        }
    }

    /// Z of a row of distances, given their sum.
    #[inline(always)]
    unsafe fn shift<S: Simd>(&mut self, row: usize, total: i32) {
        // SAFETY: the caller's.
        unsafe {
            let padded = self.padded_keys();
            let from: *const u16 = self.scratch.scores.as_ptr().cast::<u16>().add(row * padded);
            let to = self
                .scratch
                .weights
                .as_mut_ptr()
                .cast::<u8>()
                .add(row * padded);
            let mean = total as f32 / self.keys as f32;
            let slope = S::splat(self.shift.slope);
            let start = S::splat((-mean).mul_add(self.shift.slope, self.shift.start));
            for at in (0..self.valid).step_by(LANES) {
                let distance = S::to_f32(S::load_u16(from.add(at)));
                let z = S::min(S::fma(distance, slope, start), S::splat(255.0));
                S::store_as_u8(to.add(at), S::to_i32(z));
            }
        }
    }

    /// V · 16 features from `at` on of the context of `count` of Q queries.
    #[inline(always)]
    unsafe fn context<S: Simd, const Q: usize, const V: usize>(
        &mut self,
        first: usize,
        count: usize,
        at: usize,
    ) {
        // SAFETY: the caller's.
        unsafe {
            let padded = self.padded_keys();
            let v: *const u8 = self.scratch.v.as_ptr().cast::<u8>().add(at * 4);
            let signs: *const u8 = self.scratch.signs.as_ptr().cast::<u8>().add(at * 4);
            let z: *const u8 = self.scratch.weights.as_ptr().cast();
            let mut sums = [[S::splat_i32(0); V]; Q];
            for key in (0..self.valid).step_by(4) {
                let mut lines = [S::zero_bytes(); V];
                let mut minus = [S::zero_bytes(); V];
                for part in 0..V {
                    lines[part] = S::load_bytes(v.add(key * self.d + part * BYTES));
                    minus[part] = S::load_bytes(signs.add(key * self.d + part * BYTES));
                }
                for (row, sums) in sums.iter_mut().enumerate() {
                    let z = S::splat_4(z.add(row * padded + key));
                    for part in 0..V {
                        let rest = S::saturating_sub_u8(lines[part], z);
                        sums[part] = S::dot_4_small(sums[part], rest, minus[part]);
                    }
                }
            }
            for (row, sums) in sums.iter().enumerate().take(count) {
                for (part, sum) in sums.iter().enumerate() {
                    let x = S::mul(S::to_f32(*sum), S::splat(self.factor));
                    self.out.put::<S>(first + row, at + part * LANES, x);
                }
            }
        }
    }
}
