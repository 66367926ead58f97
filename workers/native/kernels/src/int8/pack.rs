//! Quantizes the rows of one head and packs them in the order in which the cores read them.

use super::head::{BLOCK, Head, HeadScratch, padded};
use super::quantize::scale_of;
use crate::simd::{BYTES, LANES, Simd};

/// f32 of this size have a step of 1: adding it rounds to the nearest integer, ties to even, and leaves
/// the integer in the lowest bits.
pub(super) const ROUNDER: f32 = 12_582_912.0; // 1.5 · 2²³

/// The bits of the largest magnitude of `rows` rows of d; those of NaN are larger than those of infinity.
///
/// # Safety
/// As [`Simd`]; the rows exist.
#[inline(always)]
pub(super) unsafe fn largest_of_rows<S: Simd>(
    from: &[f32],
    stride: usize,
    d: usize,
    rows: usize,
) -> i32 {
    // SAFETY: the caller's.
    unsafe {
        let mut largest = [S::splat_i32(0); 4];
        for row in 0..rows {
            let from = from.as_ptr().add(row * stride);
            let mut at = 0;
            while at + 4 * LANES <= d {
                for (part, largest) in largest.iter_mut().enumerate() {
                    let x = S::load(from.add(at + part * LANES));
                    *largest = S::max_i32(*largest, S::bits(S::abs(x)));
                }
                at += 4 * LANES;
            }
            while at < d {
                let x = S::load_first(from.add(at), LANES.min(d - at));
                largest[0] = S::max_i32(largest[0], S::bits(S::abs(x)));
                at += LANES;
            }
        }
        let [a, b, c, e] = largest;
        S::largest_i32(S::max_i32(S::max_i32(a, b), S::max_i32(c, e)))
    }
}

/// Turns values into steps of a scale: round(x · (1 / scale)), ties to even.
pub(super) struct Steps<S: Simd> {
    pub scale: f32,
    inverse: S::F,
    /// Set where the scale was given, so that values may not fit.
    limit: Option<f32>,
    saturated: S::F,
}

impl<S: Simd> Steps<S> {
    /// With a given scale, or one of `levels` steps for the bits of the largest magnitude.
    ///
    /// # Safety
    /// As [`Simd`].
    #[inline(always)]
    pub(super) unsafe fn new(given: Option<f32>, largest: i32, levels: f32) -> Self {
        // SAFETY: the caller's.
        unsafe {
            let scale = given.unwrap_or_else(|| scale_of(largest, levels));
            Self {
                scale,
                inverse: S::splat(1.0 / scale),
                limit: given.map(|_| levels),
                saturated: S::splat(0.0),
            }
        }
    }

    /// Steps + offset; only the lowest byte of a lane is meant.
    ///
    /// # Safety
    /// As [`Simd`].
    #[inline(always)]
    unsafe fn low(&mut self, x: S::F, offset: f32) -> S::I {
        // SAFETY: the caller's.
        unsafe {
            let rounder = S::splat(ROUNDER + offset);
            let Some(limit) = self.limit else {
                return S::bits(S::fma(x, self.inverse, rounder));
            };
            // one more than fits, to see that it does not; NaN becomes the lowest
            let (least, most) = (S::splat(-limit), S::splat(limit));
            let x = S::max(S::mul(x, self.inverse), S::splat(-limit - 1.0));
            let steps = S::round(S::min(x, S::splat(limit + 1.0)));
            let limited = S::min(S::max(steps, least), most);
            self.saturated = S::add(self.saturated, S::abs(S::sub(steps, limited)));
            S::bits(S::add(limited, rounder))
        }
    }

    /// Steps + offset.
    ///
    /// # Safety
    /// As [`Simd`].
    #[inline(always)]
    unsafe fn whole(&mut self, x: S::F, offset: i32) -> S::I {
        // SAFETY: the caller's.
        unsafe {
            let bits = self.low(x, 0.0);
            S::sub_i32(bits, S::splat_i32(ROUNDER.to_bits() as i32 - offset))
        }
    }

    /// # Safety
    /// As [`Simd`].
    #[inline(always)]
    pub(super) unsafe fn saturated(&self) -> u64 {
        // SAFETY: the caller's.
        unsafe { S::sum(self.saturated) as u64 }
    }

    /// Rows of bytes: steps + offset, d padded with it.
    ///
    /// # Safety
    /// As [`Simd`]; the rows exist and there is room for them.
    #[inline(always)]
    pub(super) unsafe fn queries(
        &mut self,
        x: &[f32],
        head: &Head<'_>,
        offset: f32,
        scratch: &mut HeadScratch,
    ) {
        let wide = padded(head.d);
        let to: *mut u8 = scratch.q.as_mut_ptr().cast();
        // SAFETY: the caller's.
        unsafe {
            for row in 0..head.valid {
                for at in (0..wide).step_by(LANES) {
                    let x = take::<S>(x, head, row, at);
                    S::store_low_bytes(to.add(row * wide + at), self.low(x, offset));
                }
            }
        }
    }

    /// `keys` rows as unsigned bytes, steps + 128: [block of 32 keys][d/4][32 keys][4]. Keys beyond, to the
    /// end of their block, are bytes of 0.
    ///
    /// # Safety
    /// As [`Simd`]; the rows exist and there is room for them.
    #[inline(always)]
    pub(super) unsafe fn keys(
        &mut self,
        x: &[f32],
        head: &Head<'_>,
        keys: usize,
        scratch: &mut HeadScratch,
    ) {
        let wide = padded(head.d);
        let to: *mut u8 = scratch.k.as_mut_ptr().cast();
        // SAFETY: the caller's.
        unsafe {
            let whole_blocks = keys / BLOCK * BLOCK;
            if whole_blocks < keys {
                to.add(whole_blocks * wide).write_bytes(0, BLOCK * wide);
            }
            for first in (0..keys).step_by(4) {
                let to = to.add(first / BLOCK * BLOCK * wide + first % BLOCK * 4);
                for at in (0..wide).step_by(LANES) {
                    let mut rows = [S::splat_i32(0); 4];
                    for (row, steps) in rows.iter_mut().enumerate() {
                        if first + row < keys {
                            let x = take::<S>(x, head, first + row, at);
                            *steps = self.whole(x, 128);
                        }
                    }
                    let [a, b, c, e] = rows;
                    let to = to.add(at / 4 * BLOCK * 4);
                    S::store_quarters(to, BLOCK * 4, S::pack_4(a, b, c, e));
                }
            }
        }
    }

    /// Valid rows as signed bytes: [keys/4][d][4 keys], keys padded to a multiple of sixteen with zeros.
    ///
    /// # Safety
    /// As [`Simd`]; the rows exist and there is room for them.
    #[inline(always)]
    pub(super) unsafe fn values(&mut self, x: &[f32], head: &Head<'_>, scratch: &mut HeadScratch) {
        let wide = padded(head.d);
        let to: *mut u8 = scratch.v.as_mut_ptr().cast();
        // SAFETY: the caller's.
        unsafe {
            for first in (0..head.valid.next_multiple_of(LANES)).step_by(4) {
                for at in (0..wide).step_by(LANES) {
                    let mut rows = [S::splat_i32(0); 4];
                    for (row, steps) in rows.iter_mut().enumerate() {
                        if first + row < head.valid {
                            *steps = self.low(take::<S>(x, head, first + row, at), 0.0);
                        }
                    }
                    let [a, b, c, e] = rows;
                    S::store_bytes(to.add(first * wide + at * 4), S::interleave_4(a, b, c, e));
                }
            }
        }
    }

    /// The same as magnitudes (unsigned) and opposite signs (−1 for a value of at least 0, else 1), and the
    /// sum of each feature over the keys.
    ///
    /// # Safety
    /// As [`Simd`]; the rows exist and there is room for them.
    #[inline(always)]
    pub(super) unsafe fn magnitudes(
        &mut self,
        x: &[f32],
        head: &Head<'_>,
        scratch: &mut HeadScratch,
    ) {
        let wide = padded(head.d);
        let to: *mut u8 = scratch.v.as_mut_ptr().cast();
        let signs: *mut u8 = scratch.signs.as_mut_ptr().cast();
        let sums: *mut i32 = scratch.feature_starts.as_mut_ptr().cast();
        // SAFETY: the caller's.
        unsafe {
            let rounder = S::splat(ROUNDER);
            for at in (0..wide).step_by(LANES) {
                let mut sum = S::splat_i32(0);
                for first in (0..head.valid.next_multiple_of(LANES)).step_by(4) {
                    let mut sizes = [S::splat_i32(0); 4];
                    let mut opposite = sizes;
                    for row in 0..4 {
                        if first + row < head.valid {
                            let x = take::<S>(x, head, first + row, at);
                            sizes[row] = self.low(S::abs(x), 0.0);
                            let minus = S::copy_sign(S::splat(1.0), x);
                            opposite[row] = S::bits(S::sub(rounder, minus));
                        }
                    }
                    let [a, b, c, e] = sizes;
                    let sizes = S::interleave_4(a, b, c, e);
                    let [a, b, c, e] = opposite;
                    let opposite = S::interleave_4(a, b, c, e);
                    sum = S::dot_4_small(sum, sizes, opposite);
                    S::store_bytes(to.add(first * wide + at * 4), sizes);
                    S::store_bytes(signs.add(first * wide + at * 4), opposite);
                }
                S::store_i32(sums.add(at), S::sub_i32(S::splat_i32(0), sum));
            }
        }
    }
}

/// Sums of the bytes of each packed key, to `key_starts`.
///
/// # Safety
/// As [`Simd`]; `keys` keys of `wide` features are packed.
#[inline(always)]
pub(super) unsafe fn sum_keys<S: Simd>(keys: usize, wide: usize, scratch: &mut HeadScratch) {
    let k: *const u8 = scratch.k.as_ptr().cast();
    let to: *mut i32 = scratch.key_starts.as_mut_ptr().cast();
    // SAFETY: the caller's.
    unsafe {
        let one = S::splat_4([1u8; 4].as_ptr());
        for block in (0..keys).step_by(BLOCK) {
            let mut sums = [S::splat_i32(0); 2];
            for group in 0..wide / 4 {
                for (half, sum) in sums.iter_mut().enumerate() {
                    let at = block * wide + group * BLOCK * 4 + half * BYTES;
                    *sum = S::dot_4_small(*sum, S::load_bytes(k.add(at)), one);
                }
            }
            S::store_i32(to.add(block), sums[0]);
            S::store_i32(to.add(block + LANES), sums[1]);
        }
    }
}

/// Sixteen features from `at` on of a row; those beyond d are 0.
#[inline(always)]
unsafe fn take<S: Simd>(x: &[f32], head: &Head<'_>, row: usize, at: usize) -> S::F {
    // SAFETY: the caller's.
    unsafe {
        let from = x.as_ptr().add(row * head.stride + at);
        S::load_some(from, LANES.min(head.d - at))
    }
}
