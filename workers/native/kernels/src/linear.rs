//! f32 linear layers: y = x·Wᵀ + b and its gradients. x (T, I), W (O, I), b (O), y (T, O); T = tokens.
//!
//! Every element is summed over its depth in one order, wherever it lies in a tile: a row of y depends
//! neither on the other rows nor on the number of threads, and all variants give the same bits.

mod packed;
mod panels;
mod product;
#[cfg(test)]
mod tests;
mod tile;

pub use packed::{PackedFloat, Weight};

use panels::Source;
use product::{Left, Product, Right, in_pool, multiply};

use crate::context::Context;
use crate::error::{KernelError, Result, check_len};
use crate::training;

/// Name of the products' implementation, for the record of a run.
pub fn gemm_name() -> &'static str {
    "stillwatt-f32"
}

/// y = x·Wᵀ + b. `Invalid` where a length does not fit.
pub fn linear(
    context: &Context,
    x: &[f32],
    weight: Weight,
    bias: Option<&[f32]>,
    y: &mut [f32],
    tokens: usize,
    inputs: usize,
    outputs: usize,
) -> Result<()> {
    check_sizes(tokens, inputs, outputs)?;
    check_len("x", x, tokens * inputs)?;
    check_len("y", y, tokens * outputs)?;
    weight.check(outputs, inputs)?;
    if let Some(bias) = bias {
        check_len("bias", bias, outputs)?;
    }
    let product = Product {
        left: Left::rows_of(x, tokens, inputs),
        right: weight.transposed(),
        bias,
        accumulate: false,
    };
    multiply(context, &product, y);
    Ok(())
}

/// u = x·Wᵀ + b, kept where it is wanted for a gradient; y = gelu(u), exact (erf).
pub fn linear_gelu(
    context: &Context,
    x: &[f32],
    weight: Weight,
    bias: Option<&[f32]>,
    u: Option<&mut [f32]>,
    y: &mut [f32],
    tokens: usize,
    inputs: usize,
    outputs: usize,
) -> Result<()> {
    match u {
        Some(u) => {
            linear(context, x, weight, bias, u, tokens, inputs, outputs)?;
            training::gelu(context, Some(u), y)
        }
        None => {
            linear(context, x, weight, bias, y, tokens, inputs, outputs)?;
            training::gelu(context, None, y)
        }
    }
}

/// dx = dy·W, or dx += dy·W.
pub fn linear_input_gradient(
    context: &Context,
    dy: &[f32],
    weight: &[f32],
    dx: &mut [f32],
    tokens: usize,
    inputs: usize,
    outputs: usize,
    accumulate: bool,
) -> Result<()> {
    check_sizes(tokens, inputs, outputs)?;
    check_len("dy", dy, tokens * outputs)?;
    check_len("weight", weight, outputs * inputs)?;
    check_len("dx", dx, tokens * inputs)?;
    let product = Product {
        left: Left::rows_of(dy, tokens, outputs),
        right: Right::Plain(Source::Rows(weight)),
        bias: None,
        accumulate,
    };
    multiply(context, &product, dx);
    Ok(())
}

/// dW = dyᵀ·x and, where wanted, db = Σ of dy over tokens.
pub fn linear_weight_gradient(
    context: &Context,
    dy: &[f32],
    x: &[f32],
    dw: &mut [f32],
    db: Option<&mut [f32]>,
    tokens: usize,
    inputs: usize,
    outputs: usize,
) -> Result<()> {
    check_sizes(tokens, inputs, outputs)?;
    check_len("dy", dy, tokens * outputs)?;
    check_len("x", x, tokens * inputs)?;
    check_len("dw", dw, outputs * inputs)?;
    let product = Product {
        left: Left::columns_of(dy, outputs, tokens),
        right: Right::Plain(Source::Rows(x)),
        bias: None,
        accumulate: false,
    };
    in_pool(context, || {
        if let Some(db) = db {
            training::column_sums(context, dy, db, tokens, outputs)?;
        }
        multiply(context, &product, dw);
        Ok(())
    })
}

fn check_sizes(tokens: usize, inputs: usize, outputs: usize) -> Result<()> {
    // below 2³² each, so that no product of two overflows
    if [tokens, inputs, outputs]
        .into_iter()
        .all(|size| (1..1 << 32).contains(&size))
    {
        return Ok(());
    }
    Err(KernelError::Invalid(format!(
        "{tokens} tokens, {inputs} inputs, {outputs} outputs; each must be at least 1"
    )))
}
