//! Context (T, H) of hidden states (T, H): query, key and value, then each head of each sequence by itself.

use std::sync::{Mutex, PoisonError};

use super::batch::Sequence;
use super::layer::Tokens;
use super::linear::{Packed, Quantized};
use super::weights::{Attention, Layer};
use super::workspace::{HeadSpace, Workspace};
use crate::attention::{self, Inhibitor, dot_attention, inhibitor_attention};
use crate::context::Context;
use crate::error::Result;
use crate::int8::{self, Head, InhibitorParameters, PackedWeights};
use crate::threads::Shared;
use crate::training::Dropout;

/// H = heads · features
#[derive(Clone, Copy)]
pub struct Shape {
    pub heads: usize,
    pub features: usize,
}

impl Shape {
    pub fn hidden(self) -> usize {
        self.heads * self.features
    }
}

/// hidden → context. int8 attention computes no more than the rows of `tokens`.
pub fn attend(
    context: &Context,
    shape: Shape,
    layer: &Layer,
    space: &mut Workspace,
    tokens: Tokens,
) -> Result<()> {
    let values = space.positions.len() * shape.hidden();
    let Workspace {
        sequences,
        hidden,
        context: out,
        wide,
        quantized,
        heads,
        ..
    } = space;
    let x = &hidden[..values];
    let out = Shared::new(&mut out[..values]);
    match &layer.qkv.weights {
        Packed::Float(_) => {
            let projected = &mut wide[..3 * values];
            layer.qkv.apply(context, x, quantized, projected)?;
            let projected = &*projected;
            try_each(context, sequences.len(), |index| {
                attend_floats(
                    context,
                    shape,
                    &layer.attention,
                    projected,
                    sequences[index],
                    out,
                )
            })
        }
        Packed::Int8(weights) => {
            quantized.fill(context, x, shape.hidden())?;
            let (bias, attention) = (&layer.qkv.bias[..], &layer.attention);
            let layer = Int8Layer {
                context,
                shape,
                attention,
                quantized,
                weights,
                bias,
                tokens,
            };
            let count = sequences.len();
            // neighbouring jobs share a head, so that its weights stay in the cache
            try_each(context, shape.heads * count, |index| {
                let thread = rayon::current_thread_index().unwrap_or(0);
                // never waited for: a thread has one job at a time
                let space = &mut *heads[thread].lock().unwrap_or_else(PoisonError::into_inner);
                layer.attend(index / count, sequences[index % count], space, out)
            })
        }
    }
}

/// All heads of a sequence, of projections (T, 3·H).
fn attend_floats(
    context: &Context,
    shape: Shape,
    attention: &Attention,
    projected: &[f32],
    sequence: Sequence,
    out: Shared<f32>,
) -> Result<()> {
    let Sequence { start, len } = sequence;
    let hidden = shape.hidden();
    let projected = &projected[start * 3 * hidden..][..len * 3 * hidden];
    // SAFETY: rows of this sequence alone; `out` outlives the call.
    let out = unsafe { out.part(start * hidden, len * hidden) };
    let Shape { heads, features } = shape;
    let shape = attention::Shape {
        batch: 1,
        tokens: len,
        heads,
        features,
    };
    let lengths = [len as i32];
    match attention {
        Attention::Dot => dot_attention(context, shape, projected, &lengths, out, None),
        Attention::Inhibitor {
            alpha,
            beta,
            gamma,
            normalise,
        } => {
            let inhibitor = Inhibitor {
                alpha: &[*alpha],
                beta,
                gamma: &[*gamma],
                normalise: *normalise,
                center_over_all: false,
                key_dropout: Dropout::NONE,
            };
            inhibitor_attention(context, shape, &inhibitor, projected, &lengths, out)
        }
    }
}

/// What the heads of an int8 layer share.
struct Int8Layer<'a> {
    context: &'a Context,
    shape: Shape,
    attention: &'a Attention,
    /// The layer's input.
    quantized: &'a Quantized,
    weights: &'a PackedWeights,
    bias: &'a [f32],
    tokens: Tokens,
}

impl Int8Layer<'_> {
    /// One head of a sequence from its projection to its context, on one thread: what lies between stays
    /// in its cache.
    fn attend(
        &self,
        head: usize,
        sequence: Sequence,
        space: &mut HeadSpace,
        out: Shared<f32>,
    ) -> Result<()> {
        let Self {
            context,
            shape,
            weights,
            bias,
            ..
        } = *self;
        let (hidden, d, Sequence { start, len }) = (shape.hidden(), shape.features, sequence);
        let stride = 3 * d;
        let HeadSpace {
            projected,
            context: rows,
            scratch,
        } = space;
        let projected = &mut projected[..len * stride];
        for part in 0..3 {
            let x = self.quantized.rows(start..start + len, hidden);
            let (first, at) = (part * hidden + head * d, part * d);
            int8::linear_columns(context, x, weights, bias, first, d, projected, stride, at)?;
        }
        let (q, k, v) = (&projected[..], &projected[d..], &projected[2 * d..]);
        let core = Head {
            q,
            k,
            v,
            stride,
            d,
            tokens: len,
            valid: len,
            scales: None,
        };
        // all queries are projected, even where one is needed: their scale is found from them
        let packed = match self.attention {
            Attention::Dot => {
                let scale = 1.0 / (d as f32).sqrt();
                int8::pack_dot(context, &core, scale, scratch)?
            }
            Attention::Inhibitor {
                alpha,
                beta,
                gamma,
                normalise,
            } => {
                let parameters = InhibitorParameters {
                    alpha: *alpha,
                    beta: beta[head],
                    gamma: *gamma,
                    normalise: *normalise,
                    center_over_all: false,
                };
                int8::pack_inhibitor(context, &core, &parameters, scratch)?
            }
        };
        let queries = match self.tokens {
            Tokens::All => len,
            Tokens::First => 1,
        };
        let rows = &mut rows[..queries * d];
        match packed {
            Some(mut packed) => packed.attend_first(context, queries, rows, d).map(drop)?,
            None => rows.fill(f32::NAN),
        }
        for (row, values) in rows.chunks_exact(d).enumerate() {
            // SAFETY: no other head or sequence has this place; `out` outlives the call.
            let to = unsafe { out.part((start + row) * hidden + head * d, d) };
            to.copy_from_slice(values);
        }
        Ok(())
    }
}

/// Calls `work` for every index below `count`; one of the errors, where there are any.
fn try_each(
    context: &Context,
    count: usize,
    work: impl Fn(usize) -> Result<()> + Sync,
) -> Result<()> {
    let result = Mutex::new(Ok(()));
    context.pool.each(count, |index| {
        if let Err(error) = work(index) {
            *result.lock().unwrap_or_else(PoisonError::into_inner) = Err(error);
        }
    });
    result.into_inner().unwrap_or_else(PoisonError::into_inner)
}
