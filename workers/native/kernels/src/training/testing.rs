//! Helpers of the tests: seeded values, every way to compute, comparisons that fail on NaN.

use crate::{Context, Variant};

/// Seeded values, about normal.
pub fn random(len: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut uniform = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / 16_777_216.0
    };
    (0..len)
        .map(|_| ((0..6).map(|_| uniform()).sum::<f32>() - 3.0) * std::f32::consts::SQRT_2)
        .collect()
}

/// Every variant of this CPU on one thread, and the fastest one on two and three.
pub fn contexts() -> Vec<Context> {
    let supported = Variant::ALL
        .into_iter()
        .filter(|variant| variant.is_supported());
    let mut all: Vec<Context> = supported
        .map(|variant| Context::new(variant, 1).unwrap())
        .collect();
    all.extend([2, 3].map(|threads| Context::new(Variant::detect(), threads).unwrap()));
    all
}

#[track_caller]
pub fn same_bits(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (at, (a, b)) in found.iter().zip(expected).enumerate() {
        let same = a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
        assert!(same, "{a:?} at {at}, not {b:?}");
    }
}

/// |found − expected| ≤ absolute + relative·|expected| everywhere.
#[track_caller]
pub fn close(found: &[f32], expected: &[f64], absolute: f64, relative: f64) {
    assert_eq!(found.len(), expected.len());
    for (at, (a, b)) in found.iter().zip(expected).enumerate() {
        let error = (f64::from(*a) - b).abs();
        assert!(
            error <= absolute + relative * b.abs(),
            "{a} at {at}, not {b}"
        );
    }
}

pub fn wide(x: &[f32]) -> Vec<f64> {
    x.iter().copied().map(f64::from).collect()
}

/// Runs `work` on a slice of `len` values within a larger one and checks that its surroundings stay.
pub fn within_canaries(len: usize, work: impl FnOnce(&mut [f32])) -> Vec<f32> {
    const CANARY: f32 = -12_345.0;
    let mut all = vec![CANARY; len + 64];
    work(&mut all[32..32 + len]);
    for side in [&all[..32], &all[32 + len..]] {
        assert!(side.iter().all(|x| *x == CANARY), "written outside");
    }
    all[32..32 + len].to_vec()
}

/// Σ_i dy[i]·f(x)[i], the scalar whose gradient the tests differentiate.
pub fn weighted(y: &[f64], dy: &[f32]) -> f64 {
    y.iter().zip(dy).map(|(y, dy)| y * f64::from(*dy)).sum()
}

/// Central differences of `f` at the given places of x.
pub fn differences(
    x: &[f32],
    places: &[usize],
    step: f64,
    f: impl Fn(&[f64]) -> f64,
) -> Vec<(usize, f64)> {
    let at = |place: usize, by: f64| {
        let mut moved = wide(x);
        moved[place] += by;
        f(&moved)
    };
    let slope = |place: usize| (at(place, step) - at(place, -step)) / (2.0 * step);
    places.iter().map(|place| (*place, slope(*place))).collect()
}
