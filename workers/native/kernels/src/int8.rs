//! Integer arithmetic: activations and weights of one byte, sums of four, scales in f32.
//!
//! A quantized value is round(x / scale), at most ±127, ties to even. Activations are stored as
//! unsigned bytes with 128 added, weights as signed bytes. Sums are exact integers, so results depend
//! neither on the variant nor on threads nor on what else is computed beside them.
//!
//! Not a number and infinities: where the scale is found from the values, a row (or head) that has one
//! gets the scale NaN, and all that is computed from it is NaN, as f32 arithmetic would have it. Where
//! the scale is given, they saturate and are counted.

mod attend;
mod attention;
mod dot;
mod finish;
mod head;
mod inhibitor;
mod linear;
mod pack;
mod packed;
mod quantize;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;
mod tile;
mod weights;

pub use attention::{dot_attention, inhibitor_attention};
pub use dot::{dot_head, pack_dot};
pub use head::{Head, HeadScales, HeadScratch, MOST_FEATURES};
pub use inhibitor::{InhibitorParameters, inhibitor_head, pack_inhibitor};
pub use linear::{
    RowScales, Rows, linear, linear_add, linear_columns, linear_dynamic, linear_gelu, linear_to_u8,
};
pub use packed::PackedHead;
pub use quantize::{quantize_rows, quantize_sequences, quantize_static};
pub use weights::PackedWeights;

/// The byte of a quantized activation of 0.
pub const ZERO: u8 = 128;

/// Bytes from one quantized row to the next: columns rounded up to a multiple of sixteen.
pub fn row_bytes(columns: usize) -> usize {
    columns.next_multiple_of(16)
}
