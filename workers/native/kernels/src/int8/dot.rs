//! Dot-product attention on bytes: scores by byte products, weights of eight bits, context by byte
//! products.
//!
//! k is kept unsigned (128 added), q and v signed. The 128 adds the same number to all scores of a query,
//! which the softmax does not see, so it is never taken off. Weights are 255 · exp(score − largest),
//! rounded, and are divided by their exact sum.

use super::attend::{Row, Rule};
use super::head::{BLOCK, Head, HeadScratch, fill_rows, padded};
use super::pack::{ROUNDER, Steps, largest_of_rows};
use super::packed::{Core, PackedHead};
use crate::context::Context;
use crate::error::{KernelError, Result};
use crate::simd::{Kernel, Simd};

/// The score of a key that is padding starts here, so that it is never the largest.
const FAR_BELOW: i32 = -(1 << 30);

/// 255 · 2ˣ for |x| ≤ ½, relative error 1.1 · 10⁻⁴: a thirtieth of a step of a weight.
pub(super) const POWER: [f32; 4] = [14.238_762, 61.873_066, 176.749_86, 254.980_76];

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
    fill_rows(out, out_stride, head.d, head.valid..head.tokens, 0.0);
    match pack_dot(context, head, scale, scratch)? {
        Some(mut packed) => packed.attend(context, out, out_stride),
        None => {
            fill_rows(out, out_stride, head.d, 0..head.valid, f32::NAN);
            Ok(0)
        }
    }
}

/// The first half of [`dot_head`]; `None` for a head with NaN or infinity.
pub fn pack_dot<'a>(
    context: &Context,
    head: &Head<'_>,
    scale: f32,
    scratch: &'a mut HeadScratch,
) -> Result<Option<PackedHead<'a>>> {
    head.check_input()?;
    if !(scale.is_finite() && scale >= 0.0) {
        return Err(KernelError::Invalid(format!("a score scale of {scale}")));
    }
    scratch.reserve(head.tokens, head.d);
    let packed = context.run(Pack { head, scratch });
    Ok(packed.map(|Packed { q, k, v, saturated }| {
        let slope = scale * (q * k) * std::f32::consts::LOG2_E;
        let rule = Dot {
            slope,
            lowest: lowest(slope),
            value: v,
        };
        PackedHead::new(Core::Dot(rule), scratch, head, head.valid, saturated)
    }))
}

struct Pack<'a> {
    head: &'a Head<'a>,
    scratch: &'a mut HeadScratch,
}

impl Kernel for Pack<'_> {
    type Output = Option<Packed>;

    #[inline(always)]
    unsafe fn run<S: Simd>(self) -> Option<Packed> {
        // SAFETY: `pack_dot` checked all sizes and made room.
        unsafe { pack::<S>(self.head, self.scratch) }
    }
}

/// The scales.
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
    // SAFETY: the caller's; scratch has room for the padded sizes.
    unsafe {
        let mut largest = [0; 3];
        if scales.is_none() {
            for (largest, x) in largest.iter_mut().zip([q, k, v]) {
                *largest = largest_of_rows::<S>(x, stride, d, valid);
            }
        }
        let mut q_steps = Steps::<S>::new(scales.map(|s| s.q), largest[0], 127.0);
        let mut k_steps = Steps::<S>::new(scales.map(|s| s.k), largest[1], 127.0);
        let mut v_steps = Steps::<S>::new(scales.map(|s| s.v), largest[2], 127.0);
        if (q_steps.scale + k_steps.scale + v_steps.scale).is_nan() {
            return None;
        }
        q_steps.queries(q, head, 0.0, scratch);
        k_steps.keys(k, head, valid, scratch);
        v_steps.values(v, head, scratch);
        let starts: *mut i32 = scratch.key_starts.as_mut_ptr().cast();
        for key in 0..valid.next_multiple_of(BLOCK) {
            starts
                .add(key)
                .write(if key < valid { 0 } else { FAR_BELOW });
        }
        let starts: *mut i32 = scratch.feature_starts.as_mut_ptr().cast();
        starts.write_bytes(0, padded(d));
        Some(Packed {
            q: q_steps.scale,
            k: k_steps.scale,
            v: v_steps.scale,
            saturated: q_steps.saturated() + k_steps.saturated() + v_steps.saturated(),
        })
    }
}

/// 2⁻³⁰ · 255 rounds to 0.
pub(super) fn lowest(slope: f32) -> i32 {
    (-30.0 / slope) as i32
}

#[derive(Clone, Copy)]
pub(super) struct Dot {
    /// From scores to powers of two.
    slope: f32,
    /// Where the weight has long been rounded to 0.
    lowest: i32,
    /// A step of v.
    value: f32,
}

impl Rule for Dot {
    const SIGNS: bool = false;
    const SUMMED: bool = true;
    const FOLDED: i32 = i32::MIN;

    #[inline(always)]
    unsafe fn compare<S: Simd>(score: S::I, keys: S::B, query: S::B) -> S::I {
        // SAFETY: the caller's.
        unsafe { S::dot_4(score, keys, query) }
    }

    #[inline(always)]
    unsafe fn fold<S: Simd>(folded: S::I, scores: S::I) -> S::I {
        // SAFETY: the caller's.
        unsafe { S::max_i32(folded, scores) }
    }

    #[inline(always)]
    unsafe fn folded<S: Simd>(folded: S::I) -> i32 {
        // SAFETY: the caller's.
        unsafe { S::largest_i32(folded) }
    }

    #[inline(always)]
    unsafe fn row<S: Simd>(&self, folded: i32) -> Row<S> {
        // SAFETY: the caller's.
        unsafe {
            Row {
                largest: S::splat_i32(folded),
                slope: S::splat(self.slope),
                start: S::splat(0.0),
            }
        }
    }

    #[inline(always)]
    unsafe fn weigh<S: Simd>(&self, row: &Row<S>, scores: S::I, count: usize) -> S::I {
        // SAFETY: the caller's.
        unsafe {
            let below = S::max_i32(S::sub_i32(scores, row.largest), S::splat_i32(self.lowest));
            let below = S::to_f32(below);
            // the power of two, rounded in the lowest bits
            let whole = S::fma(below, row.slope, S::splat(ROUNDER));
            let rest = S::fma(below, row.slope, S::sub(S::splat(ROUNDER), whole));
            let mut weight = S::splat(POWER[0]);
            for c in &POWER[1..] {
                weight = S::fma(weight, rest, S::splat(*c));
            }
            let mut weight = S::add_to_exponent(weight, S::bits(whole));
            if count < 16 {
                // however small the slope is, padding weighs nothing
                let lanes: [f32; 16] = std::array::from_fn(|lane| lane as f32);
                let lanes = S::load(lanes.as_ptr());
                let zero = S::splat(0.0);
                weight = S::where_greater(S::splat(count as f32), lanes, weight, zero);
            }
            S::to_i32(weight)
        }
    }

    #[inline(always)]
    fn factor(&self, weights: i32) -> f32 {
        self.value / weights as f32
    }

    #[inline(always)]
    unsafe fn mix<S: Simd>(sum: S::I, weights: S::B, values: S::B, _: S::B) -> S::I {
        // SAFETY: the caller's.
        unsafe { S::dot_4(sum, weights, values) }
    }
}
