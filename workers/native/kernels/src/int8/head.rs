//! Queries, keys and values of one head of one sequence, and room for their packed bytes.

use super::quantize::{Divisor, check_scale, largest_bits, scale_of};
use super::weights::Line;
use crate::error::{KernelError, Result};
use crate::simd::{BYTES, LANES, Simd};

/// Keys of a block; keys are padded to whole blocks.
pub(super) const BLOCK: usize = 32;
/// Queries that are computed together, at most.
pub(super) const MOST_QUERIES: usize = 8;
const MOST_FEATURES: usize = 128;

/// f32 rows of one head inside of wider rows: row i is `data[i · stride .. i · stride + d]`.
#[derive(Clone, Copy)]
pub struct Head<'a> {
    pub q: &'a [f32],
    pub k: &'a [f32],
    pub v: &'a [f32],
    pub stride: usize,
    /// 1 to 128
    pub d: usize,
    /// Rows that exist.
    pub tokens: usize,
    /// Real tokens: the first ones. Others are neither queries nor keys.
    pub valid: usize,
    /// Given scales; none: found from this head's values.
    pub scales: Option<HeadScales>,
}

/// Steps of the quantized values. The inhibitor needs equal ones for q and k, and counts 255 steps of v
/// where the dot product counts 127.
#[derive(Clone, Copy)]
pub struct HeadScales {
    pub q: f32,
    pub k: f32,
    pub v: f32,
}

/// Packed bytes and rows of one head; one for each thread, used again and again.
#[derive(Default)]
pub struct HeadScratch {
    pub(super) q: Vec<Line>,
    pub(super) k: Vec<Line>,
    pub(super) v: Vec<Line>,
    pub(super) signs: Vec<Line>,
    /// Scores (i32) or distances (u16) of a few queries.
    pub(super) scores: Vec<Line>,
    /// What a key weighs or inhibits, u8, of a few queries.
    pub(super) weights: Vec<Line>,
}

impl HeadScratch {
    /// Room for heads of up to `tokens` tokens and `d` features; larger ones make it grow.
    pub fn new(tokens: usize, d: usize) -> Self {
        let mut scratch = Self::default();
        scratch.reserve(tokens, d);
        scratch
    }

    /// Memory that it holds.
    pub fn bytes(&self) -> usize {
        [
            &self.q,
            &self.k,
            &self.v,
            &self.signs,
            &self.scores,
            &self.weights,
        ]
        .map(|lines| size_of_val(&**lines))
        .into_iter()
        .sum()
    }

    pub(super) fn reserve(&mut self, tokens: usize, d: usize) {
        let keys = tokens.next_multiple_of(BLOCK);
        let queries = tokens.next_multiple_of(MOST_QUERIES);
        let d = padded(d);
        let grow = |lines: &mut Vec<Line>, bytes: usize| {
            let count = bytes.div_ceil(BYTES);
            if lines.len() < count {
                lines.resize(count, Line([0; BYTES]));
            }
        };
        grow(&mut self.q, queries * d);
        grow(&mut self.k, keys * d);
        grow(&mut self.v, keys * d);
        grow(&mut self.signs, keys * d);
        grow(&mut self.scores, MOST_QUERIES * keys * 4);
        grow(&mut self.weights, MOST_QUERIES * keys);
    }
}

/// Features with their padding.
pub(super) fn padded(d: usize) -> usize {
    d.next_multiple_of(LANES)
}

impl Head<'_> {
    /// `Invalid` for sizes that do not fit each other.
    pub(super) fn check(&self, out: &[f32], out_stride: usize) -> Result<()> {
        let Self {
            stride,
            d,
            tokens,
            valid,
            ..
        } = *self;
        let invalid = |text: String| Err(KernelError::Invalid(text));
        if !(1..=MOST_FEATURES).contains(&d) || stride < d || out_stride < d {
            return invalid(format!(
                "{d} features in rows of {stride} and {out_stride}; 1 to {MOST_FEATURES} are possible"
            ));
        }
        if valid == 0 || valid > tokens {
            return invalid(format!("{valid} valid tokens of {tokens}"));
        }
        let fits = |len: usize, stride: usize| {
            (tokens - 1)
                .checked_mul(stride)
                .and_then(|size| size.checked_add(d))
                .is_some_and(|size| size <= len)
        };
        for (name, len, stride) in [
            ("q", self.q.len(), stride),
            ("k", self.k.len(), stride),
            ("v", self.v.len(), stride),
            ("out", out.len(), out_stride),
        ] {
            if !fits(len, stride) {
                return invalid(format!(
                    "{name} has {len} values, too few for {tokens} rows of {stride}"
                ));
            }
        }
        if let Some(scales) = self.scales {
            check_scale(scales.q)?;
            check_scale(scales.k)?;
            check_scale(scales.v)?;
        }
        Ok(())
    }
}

/// The bits of the largest magnitude of `rows` rows of d.
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
        let mut largest = S::splat_i32(0);
        for row in 0..rows {
            let bits = largest_bits::<S>(from.as_ptr().add(row * stride), d);
            largest = S::max_i32(largest, bits);
        }
        S::largest_i32(largest)
    }
}

/// Values to steps of one scale, for a scale that was given or found.
pub(super) struct Steps<S: Simd> {
    pub scale: f32,
    divisor: Divisor<S>,
    levels: f32,
    given: bool,
    saturated: S::F,
}

impl<S: Simd> Steps<S> {
    /// # Safety
    /// As [`Simd`].
    #[inline(always)]
    pub(super) unsafe fn new(given: Option<f32>, largest: i32, levels: f32) -> Self {
        // SAFETY: the caller's.
        unsafe {
            let scale = given.unwrap_or_else(|| scale_of(largest, levels));
            Self {
                scale,
                divisor: Divisor::new(scale),
                levels,
                given: given.is_some(),
                saturated: S::splat(0.0),
            }
        }
    }

    /// `count` ≤ 16 values from `from` on in steps; the other lanes are 0.
    ///
    /// # Safety
    /// As [`Simd`]; the values exist.
    #[inline(always)]
    pub(super) unsafe fn take(&mut self, from: *const f32, count: usize) -> S::I {
        // SAFETY: the caller's.
        unsafe {
            let x = if count >= LANES {
                S::load(from)
            } else {
                S::load_first(from, count)
            };
            if self.given {
                let levels = self.levels;
                self.divisor
                    .saturating(self.scale, levels, x, &mut self.saturated)
            } else {
                self.divisor.steps(x)
            }
        }
    }

    /// # Safety
    /// As [`Simd`].
    #[inline(always)]
    pub(super) unsafe fn saturated(&self) -> u64 {
        // SAFETY: the caller's.
        unsafe { S::sum(self.saturated) as u64 }
    }
}

/// Fills the rows `from..to` of `out`.
pub(super) fn fill_rows(
    out: &mut [f32],
    stride: usize,
    d: usize,
    rows: std::ops::Range<usize>,
    value: f32,
) {
    for row in rows {
        out[row * stride..row * stride + d].fill(value);
    }
}
