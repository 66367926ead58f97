//! Against plain loops, on every variant of this CPU.

mod edges;
mod heads;
mod layers;
mod product;
mod quantize;

use crate::{Context, Variant};

/// Every variant of this CPU, with the given threads.
fn contexts(threads: usize) -> impl Iterator<Item = Context> {
    let supported = Variant::ALL.into_iter().filter(|each| each.is_supported());
    supported.map(move |variant| Context::new(variant, threads).unwrap())
}

struct Random(u32);

impl Random {
    fn bits(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0 >> 8
    }

    fn below(&mut self, limit: u32) -> u32 {
        self.bits() % limit
    }

    /// −1…1
    fn float(&mut self) -> f32 {
        self.bits() as f32 / 8_388_608.0 - 1.0
    }

    fn floats(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.float()).collect()
    }

    /// −127…127
    fn weights(&mut self, count: usize) -> Vec<i8> {
        (0..count)
            .map(|_| (self.below(255) as i32 - 127) as i8)
            .collect()
    }
}

/// A value of a slot that nothing may write.
const CANARY: f32 = -12_345.5;

/// A buffer with canaries on both sides.
fn guarded(len: usize) -> Vec<f32> {
    vec![CANARY; len + 64]
}

fn inside(buffer: &mut [f32]) -> &mut [f32] {
    let end = buffer.len() - 32;
    &mut buffer[32..end]
}

fn assert_guards(buffer: &[f32]) {
    let end = buffer.len() - 32;
    assert!(
        buffer[..32]
            .iter()
            .chain(&buffer[end..])
            .all(|x| *x == CANARY)
    );
}

fn bits(x: &[f32]) -> Vec<u32> {
    x.iter()
        .map(|x| if x.is_nan() { 1 } else { x.to_bits() })
        .collect()
}
