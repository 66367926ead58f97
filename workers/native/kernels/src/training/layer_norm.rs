//! LayerNorm of residual + dropout(x), and its gradient. T tokens, H hidden; a row is one token.
//!
//! A NaN or an infinity makes its own row NaN and no other.

mod backward;
mod forward;
#[cfg(test)]
mod tests;

pub use backward::layer_norm_gradient;
pub use forward::layer_norm;

use crate::error::{KernelError, Result};

/// Rows of one piece of work.
const ROWS: usize = 16;

fn check_shape(tokens: usize, hidden: usize) -> Result<()> {
    if tokens >= 1 && hidden >= 1 && tokens.checked_mul(hidden).is_some() {
        return Ok(());
    }
    Err(KernelError::Invalid(format!(
        "{tokens} tokens of {hidden}; each must be at least 1"
    )))
}
