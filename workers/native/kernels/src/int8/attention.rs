//! int8 attention of a layer between f32 projections: each head of each sequence is quantized, packed and
//! computed by itself, so results depend neither on threads nor on what else is in the batch.
//!
//! Shapes are those of f32 attention: `projected` is (B·N, 3·H), query, key and value side by side; context
//! is (B·N, H), 0 at padding. Extra memory: O(N·d) for each thread.

use std::cell::Cell;
use std::sync::{Mutex, PoisonError};

use super::{Head, HeadScratch, InhibitorParameters, MOST_FEATURES, dot_head, inhibitor_head};
use crate::attention::Shape;
use crate::context::Context;
use crate::error::{KernelError, Result, check_len};
use crate::threads::Shared;

/// What a thread keeps from call to call.
#[derive(Default)]
struct Space {
    scratch: HeadScratch,
    rows: Vec<f32>, // (N, d)
}

thread_local! {
    static SPACE: Cell<Space> = Cell::default();
}

/// context = softmax(q·k/√d) over real keys, times values.
pub fn dot_attention(
    context: &Context,
    shape: Shape,
    projected: &[f32],
    lengths: &[i32],
    out: &mut [f32],
) -> Result<()> {
    let scale = 1.0 / (shape.features as f32).sqrt();
    attend(context, shape, projected, lengths, out, |_, head, space| {
        let Space { scratch, rows } = space;
        dot_head(context, head, scale, scratch, rows, head.d).map(drop)
    })
}

/// context = β (/ n) · Σ_j sign(V_j) · max(|V_j| − Z_ij, 0), with the parameters of each head.
pub fn inhibitor_attention(
    context: &Context,
    shape: Shape,
    parameters: impl Fn(usize) -> InhibitorParameters + Sync,
    projected: &[f32],
    lengths: &[i32],
    out: &mut [f32],
) -> Result<()> {
    attend(
        context,
        shape,
        projected,
        lengths,
        out,
        |at, head, space| {
            let Space { scratch, rows } = space;
            inhibitor_head(context, head, &parameters(at), scratch, rows, head.d).map(drop)
        },
    )
}

/// Calls `core` with every head that has tokens; it fills the rows of the space.
fn attend(
    context: &Context,
    shape: Shape,
    projected: &[f32],
    lengths: &[i32],
    out: &mut [f32],
    core: impl Fn(usize, &Head<'_>, &mut Space) -> Result<()> + Sync,
) -> Result<()> {
    let Shape {
        batch,
        tokens,
        heads,
        features: d,
    } = shape;
    check(shape, projected, lengths, out)?;
    let hidden = shape.hidden();
    let out = Shared::new(out);
    let result = Mutex::new(Ok(()));
    context.pool.each(batch * heads, |item| {
        let (sequence, at) = (item / heads, item % heads);
        let first = sequence * tokens;
        let valid = lengths[sequence] as usize;
        let mut space = SPACE.take();
        if space.rows.len() < tokens * d {
            space.rows.resize(tokens * d, 0.0);
        }
        let mut done = Ok(());
        if valid == 0 {
            space.rows[..tokens * d].fill(0.0);
        } else {
            let part = |part: usize| {
                let from = first * 3 * hidden + part * hidden + at * d;
                &projected[from..from + (tokens - 1) * 3 * hidden + d]
            };
            let head = Head {
                q: part(0),
                k: part(1),
                v: part(2),
                stride: 3 * hidden,
                d,
                tokens,
                valid,
                scales: None,
            };
            done = core(at, &head, &mut space);
        }
        for (row, values) in space.rows.chunks_exact(d).take(tokens).enumerate() {
            // SAFETY: no other head or sequence has this place; `out` outlives the call.
            let to = unsafe { out.part((first + row) * hidden + at * d, d) };
            to.copy_from_slice(values);
        }
        SPACE.set(space);
        if let Err(error) = done {
            *result.lock().unwrap_or_else(PoisonError::into_inner) = Err(error);
        }
    });
    result.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn check(shape: Shape, projected: &[f32], lengths: &[i32], out: &[f32]) -> Result<()> {
    let Shape {
        batch,
        tokens,
        heads,
        features,
    } = shape;
    let invalid = |text: String| Err(KernelError::Invalid(text));
    if heads == 0 || !(1..=MOST_FEATURES).contains(&features) {
        return invalid(format!(
            "{heads} heads of {features} features; 1 to {MOST_FEATURES} are possible"
        ));
    }
    let all = [batch, tokens, heads, features, 3];
    let Some(values) = all.into_iter().try_fold(1, usize::checked_mul) else {
        return invalid(format!("{shape:?} is too large"));
    };
    check_len("projected", projected, values)?;
    check_len("context", out, values / 3)?;
    check_len("lengths", lengths, batch)?;
    let fits = |length: &i32| usize::try_from(*length).is_ok_and(|n| n <= tokens);
    match lengths.iter().find(|length| !fits(length)) {
        None => Ok(()),
        Some(length) => invalid(format!(
            "a length of {length} among sequences of {tokens} tokens"
        )),
    }
}
