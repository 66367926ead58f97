//! Inhibitor attention on bytes. No exponential, no division by element, no absolute difference.
//!
//! q and k are unsigned bytes of one scale, so |q − k| = q + k − 2 · min(q, k): a distance is the sum of a
//! key's bytes, less twice the sum of minima, plus the sum of the query's bytes, which is the same for
//! all keys and which centring takes off again. So a score is Σ k − 2 · Σ min(q, k).
//!
//! |V| has 255 steps, and Z is counted in them: round(fma(score, c, α' − mean · c)), 0…255, with
//! c = γ/√d · s_qk / s_v and α' = α / s_v. sign(V) · max(|V| − Z, 0) = V − sign(V) · min(|V|, Z), so the
//! context is the sum of V, which all queries share, less the sum of signed minima.
//!
//! Minima and byte products keep different units of a CPU busy; a saturating subtraction would need the
//! unit of the products.

use super::attend::{Row, Rule};
use super::head::{Head, HeadScratch, fill_rows, padded};
use super::pack::{Steps, largest_of_rows, sum_keys};
use super::packed::{Core, PackedHead};
use crate::context::Context;
use crate::error::{KernelError, Result};
use crate::simd::{Kernel, Simd};

/// Z changes by at most this many steps for a step of distance, and starts within `MOST_START`: what is
/// beyond is 0 or inhibits all in any case, and i32 holds the rest.
pub(super) const MOST_SLOPE: f32 = 3e4;
pub(super) const MOST_START: f32 = 1e8;

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
    fill_rows(out, out_stride, head.d, head.valid..head.tokens, 0.0);
    match pack_inhibitor(context, head, parameters, scratch)? {
        Some(mut packed) => packed.attend(context, out, out_stride),
        None => {
            fill_rows(out, out_stride, head.d, 0..head.valid, f32::NAN);
            Ok(0)
        }
    }
}

/// The first half of [`inhibitor_head`]; `None` for a head with NaN or infinity.
pub fn pack_inhibitor<'a>(
    context: &Context,
    head: &Head<'_>,
    parameters: &InhibitorParameters,
    scratch: &'a mut HeadScratch,
) -> Result<Option<PackedHead<'a>>> {
    head.check_input()?;
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
    let keys = if parameters.center_over_all {
        head.tokens
    } else {
        head.valid
    };
    let packed = context.run(Pack {
        head,
        keys,
        scratch,
    });
    Ok(packed.map(|Packed { qk, v, saturated }| {
        let rule = Inhibitor::new(parameters, head.d, keys, head.valid, qk, v);
        PackedHead::new(Core::Inhibitor(rule), scratch, head, keys, saturated)
    }))
}

struct Pack<'a> {
    head: &'a Head<'a>,
    keys: usize,
    scratch: &'a mut HeadScratch,
}

impl Kernel for Pack<'_> {
    type Output = Option<Packed>;

    #[inline(always)]
    unsafe fn run<S: Simd>(self) -> Option<Packed> {
        // SAFETY: `pack_inhibitor` checked all sizes and made room.
        unsafe { pack::<S>(self.head, self.keys, self.scratch) }
    }
}

/// The scales.
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
        qk_steps.queries(q, head, 128.0, scratch);
        qk_steps.keys(k, head, keys, scratch);
        sum_keys::<S>(keys, padded(d), scratch);
        v_steps.magnitudes(v, head, scratch);
        Some(Packed {
            qk: qk_steps.scale,
            v: v_steps.scale,
            saturated: qk_steps.saturated() + v_steps.saturated(),
        })
    }
}

/// Z = score · slope + (start − mean · slope), in steps of V.
#[derive(Clone, Copy)]
pub(super) struct Inhibitor {
    slope: f32,
    /// −slope / keys: what a sum of scores takes off.
    mean_slope: f32,
    start: f32,
    factor: f32,
}

impl Inhibitor {
    fn new(
        parameters: &InhibitorParameters,
        d: usize,
        keys: usize,
        valid: usize,
        qk: f32,
        v: f32,
    ) -> Self {
        let slope = parameters.gamma / (d as f32).sqrt() * (qk / v);
        let slope = slope.clamp(-MOST_SLOPE, MOST_SLOPE);
        let rows = if parameters.normalise {
            valid as f32
        } else {
            1.0
        };
        Self {
            slope,
            mean_slope: -slope / keys as f32,
            start: (parameters.alpha / v).clamp(-MOST_START, MOST_START),
            factor: v * parameters.beta / rows,
        }
    }
}

impl Rule for Inhibitor {
    const SIGNS: bool = true;
    const SUMMED: bool = false;
    const FOLDED: i32 = 0;

    #[inline(always)]
    unsafe fn compare<S: Simd>(score: S::I, keys: S::B, query: S::B) -> S::I {
        // SAFETY: the caller's.
        unsafe {
            let minus_two = S::splat_4([254u8; 4].as_ptr());
            S::dot_4_small(score, S::min_u8(keys, query), minus_two)
        }
    }

    /// Padding keys have bytes of 0, so their score is 0.
    #[inline(always)]
    unsafe fn fold<S: Simd>(folded: S::I, scores: S::I) -> S::I {
        // SAFETY: the caller's.
        unsafe { S::add_i32(folded, scores) }
    }

    #[inline(always)]
    unsafe fn folded<S: Simd>(folded: S::I) -> i32 {
        // SAFETY: the caller's.
        unsafe { S::sum_i32(folded) }
    }

    #[inline(always)]
    unsafe fn row<S: Simd>(&self, folded: i32) -> Row<S> {
        // SAFETY: the caller's.
        unsafe {
            Row {
                largest: S::splat_i32(0),
                slope: S::splat(self.slope),
                start: S::splat((folded as f32).mul_add(self.mean_slope, self.start)),
            }
        }
    }

    /// Padding values are 0, whatever their weight.
    #[inline(always)]
    unsafe fn weigh<S: Simd>(&self, row: &Row<S>, scores: S::I, _: usize) -> S::I {
        // SAFETY: the caller's.
        unsafe { S::to_i32(S::fma(S::to_f32(scores), row.slope, row.start)) }
    }

    #[inline(always)]
    fn factor(&self, _: i32) -> f32 {
        self.factor
    }

    #[inline(always)]
    unsafe fn mix<S: Simd>(sum: S::I, weights: S::B, values: S::B, signs: S::B) -> S::I {
        // SAFETY: the caller's.
        unsafe { S::dot_4_small(sum, S::min_u8(values, weights), signs) }
    }
}
