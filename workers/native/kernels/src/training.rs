//! What a training step needs besides products and attention: normalisation, activations, dropout,
//! embeddings, losses and the optimiser. f32; sums over many values in f64 where they leave as a number.
//!
//! Work is cut into chunks whose bounds depend on shapes alone, and sums are taken chunk by chunk in
//! order, so neither the number of threads nor the variant changes a bit.
//!
//! NaN and infinities go through as IEEE arithmetic takes them and stay in their element, row or sum;
//! denormals are kept.

mod activation;
mod adamw;
mod align;
mod dropout;
mod embedding;
mod layer_norm;
mod logits;
mod map;
mod scratch;
mod sums;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use activation::{
    add, gelu, gelu_gradient, gelu_tanh, gelu_tanh_gradient, relu, relu_gradient, tanh,
    tanh_gradient,
};
pub use adamw::{AdamSettings, AdamWeight, adamw};
pub use align::align_loss;
pub use dropout::{Dropout, dropout};
pub use embedding::{embedding_gather, embedding_scatter_add};
pub use layer_norm::{layer_norm, layer_norm_gradient};
pub use logits::{cross_entropy, distillation_loss};
pub(crate) use scratch::with_floats;
pub use sums::{column_sums, global_norm};
