//! Arithmetic of Stillwatt: attention, linear, normalisation and training kernels, and the encoder.
//!
//! Every kernel is written once, over vectors of sixteen f32 lanes ([`simd::Simd`]), and compiled for
//! each variant of CPU. All variants do the same operations in the same order, so they give the same bits.

pub mod attention;
pub mod context;
pub mod encoder;
pub mod error;
pub mod int8;
pub mod linear;
pub mod peak;
pub mod simd;
pub mod threads;
pub mod training;
pub mod variant;

pub use context::Context;
pub use error::{KernelError, Result};
pub use variant::Variant;
