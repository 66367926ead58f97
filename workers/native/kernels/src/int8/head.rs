//! Queries, keys and values of one head of one sequence, and room for their packed bytes.

use super::quantize::check_scale;
use super::weights::Line;
use crate::error::{KernelError, Result};
use crate::simd::{BYTES, LANES};

/// Keys of a block; keys are padded to whole blocks.
pub(super) const BLOCK: usize = 32;
/// Rows of scores and weights are padded to this many keys.
pub(super) const STRIDE: usize = 64;
/// Queries that are computed together, at most.
pub(super) const MOST_QUERIES: usize = 8;
/// Features of a head, at most.
pub const MOST_FEATURES: usize = 128;

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
    /// i32, what scores of a key and sums of a feature start from.
    pub(super) key_starts: Vec<Line>,
    pub(super) feature_starts: Vec<Line>,
    /// i32, of a few queries.
    pub(super) scores: Vec<Line>,
    /// u8, of a few queries.
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
        let keys = tokens.next_multiple_of(STRIDE);
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
        grow(&mut self.key_starts, keys * 4);
        grow(&mut self.feature_starts, d * 4);
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
        self.check_input()?;
        check_rows("out", out.len(), out_stride, self.d, self.tokens)
    }

    /// The same without a place for the context.
    pub(super) fn check_input(&self) -> Result<()> {
        let Self {
            q,
            k,
            v,
            stride,
            d,
            tokens,
            valid,
            scales,
        } = *self;
        if !(1..=MOST_FEATURES).contains(&d) {
            return Err(KernelError::Invalid(format!(
                "{d} features; 1 to {MOST_FEATURES} are possible"
            )));
        }
        if valid == 0 || valid > tokens {
            return Err(KernelError::Invalid(format!(
                "{valid} valid tokens of {tokens}"
            )));
        }
        for (name, x) in [("q", q), ("k", k), ("v", v)] {
            check_rows(name, x.len(), stride, d, tokens)?;
        }
        if let Some(scales) = scales {
            check_scale(scales.q)?;
            check_scale(scales.k)?;
            check_scale(scales.v)?;
        }
        Ok(())
    }
}

/// `Invalid` unless `len` values hold `rows` ≥ 1 rows of d, one `stride` after another.
pub(super) fn check_rows(
    name: &str,
    len: usize,
    stride: usize,
    d: usize,
    rows: usize,
) -> Result<()> {
    let needed = (rows - 1)
        .checked_mul(stride)
        .and_then(|size| size.checked_add(d));
    if stride >= d && needed.is_some_and(|size| size <= len) {
        return Ok(());
    }
    Err(KernelError::Invalid(format!(
        "{name} has {len} values, too few for {rows} rows of {d} in {stride}"
    )))
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
