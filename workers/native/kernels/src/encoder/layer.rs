//! The parts of a pass, over the workspace: embeddings, layers, head. T tokens, B sequences, H hidden.

use std::ops::Range;

use super::attention::{Shape, attend};
use super::batch::Sequence;
use super::config::Family;
use super::weights::{Embeddings, Head, Layer, Norm};
use super::workspace::Workspace;
use crate::context::Context;
use crate::error::Result;
use crate::training::{Dropout, embedding_gather, layer_norm, relu, tanh};

/// What all parts of a pass share.
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    pub context: &'a Context,
    pub shape: Shape,
    pub epsilon: f32,
}

/// Rows of the hidden states that a layer gives.
#[derive(Clone, Copy, PartialEq)]
pub enum Tokens {
    All,
    /// The first of each sequence: exact, and enough where only the head reads the layer.
    First,
}

/// ids (T) → hidden (T, H)
pub fn embed(
    settings: Settings,
    tables: &Embeddings,
    ids: &[i32],
    space: &mut Workspace,
) -> Result<()> {
    let (context, hidden, tokens) = (settings.context, settings.shape.hidden(), ids.len());
    let Workspace {
        positions,
        types,
        hidden: y,
        sum,
        ..
    } = space;
    let sum = &mut sum[..tokens * hidden];
    embedding_gather(context, &tables.word, ids, sum, tokens, hidden, false)?;
    embedding_gather(
        context,
        &tables.position,
        positions,
        sum,
        tokens,
        hidden,
        true,
    )?;
    if !tables.types.is_empty() {
        embedding_gather(context, &tables.types, types, sum, tokens, hidden, true)?;
    }
    settings.norm(sum, None, &tables.norm, &mut y[..tokens * hidden])
}

/// hidden (T, H) → hidden (T, H), or (B, H)
pub fn run_layer(
    settings: Settings,
    layer: &Layer,
    space: &mut Workspace,
    tokens: Tokens,
) -> Result<()> {
    let (context, hidden) = (settings.context, settings.shape.hidden());
    attend(context, settings.shape, layer, space, tokens)?;
    let rows = match tokens {
        Tokens::All => space.positions.len(),
        Tokens::First => {
            take_first(&space.sequences, hidden, &mut space.hidden);
            take_first(&space.sequences, hidden, &mut space.context);
            space.sequences.len()
        }
    };
    let blocks = rows.div_ceil(space.block_rows);
    for block in 0..blocks {
        let rows = block * rows / blocks..(block + 1) * rows / blocks;
        after_attention(settings, layer, space, rows)?;
    }
    Ok(())
}

/// What a layer does to each row by itself: hidden and context (T, H) → hidden (T, H).
fn after_attention(
    settings: Settings,
    layer: &Layer,
    space: &mut Workspace,
    rows: Range<usize>,
) -> Result<()> {
    let (context, hidden) = (settings.context, settings.shape.hidden());
    let Workspace {
        hidden: x,
        context: attended,
        sum,
        wide,
        quantized,
        ..
    } = space;
    let values = rows.start * hidden..rows.end * hidden;
    let x = &mut x[values.clone()];
    let attended = &mut attended[values];
    let sum = &mut sum[..rows.len() * hidden];
    let inner = &mut wide[..rows.len() * layer.up.outputs()];
    layer.out.apply(context, attended, quantized, sum)?;
    let middle = attended; // read by `out`, free for what comes after its normalisation
    settings.norm(sum, Some(x), &layer.norm1, middle)?;
    layer.up.apply_gelu(context, middle, quantized, inner)?;
    layer.down.apply(context, inner, quantized, sum)?;
    settings.norm(sum, Some(middle), &layer.norm2, x)
}

/// The first B rows of hidden → logits (B, C)
pub fn run_head(
    context: &Context,
    family: Family,
    head: &Head,
    space: &mut Workspace,
    logits: &mut [f32],
) -> Result<()> {
    let values = space.sequences.len() * head.pooler.outputs();
    let Workspace {
        hidden: x,
        sum,
        quantized,
        ..
    } = space;
    let pooled = &mut sum[..values];
    head.pooler
        .apply(context, &x[..values], quantized, pooled)?;
    match family {
        Family::Bert => tanh(context, None, pooled)?,
        Family::DistilBert => relu(context, None, pooled)?,
    }
    head.classifier.apply(context, pooled, quantized, logits)
}

/// Moves the first row of each sequence to the front.
pub fn take_first(sequences: &[Sequence], hidden: usize, buffer: &mut [f32]) {
    for (row, Sequence { start, .. }) in sequences.iter().enumerate() {
        buffer.copy_within(start * hidden..(start + 1) * hidden, row * hidden);
    }
}

impl Settings<'_> {
    /// y = norm(x + residual)
    fn norm(&self, x: &[f32], residual: Option<&[f32]>, norm: &Norm, y: &mut [f32]) -> Result<()> {
        let (hidden, epsilon, Norm { weight, bias }) = (self.shape.hidden(), self.epsilon, norm);
        let rows = x.len() / hidden;
        let none = Dropout::NONE;
        layer_norm(
            self.context,
            x,
            residual,
            none,
            weight,
            bias,
            epsilon,
            None,
            None,
            y,
            rows,
            hidden,
        )
    }
}
