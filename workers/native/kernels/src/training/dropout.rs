//! Dropout as a function of (seed, index): nothing is stored, the gradient draws the same mask again.
//!
//! With all arithmetic on u32, wrapping, and `mix(x)`: x ^= x ≫ 16; x *= 0x7feb352d; x ^= x ≫ 15;
//! x *= 0x846ca68b; x ^= x ≫ 16 —
//!
//! ```text
//! key₀ = mix(seed), key₁ = mix(seed + 0x9e3779b9)
//! h = index ^ key₀;  h ^= h ≫ 16;  h *= 0x7feb352d;  h = (h ^ (h ≫ 15)) + key₁;  h *= 0x846ca68b;  h ^= h ≫ 16
//! the element is dropped iff (h ≫ 8) < threshold = round(rate · 2²⁴)
//! ```
//!
//! A kept element is multiplied by 2²⁴ / (2²⁴ − threshold), a dropped one by 0 (so NaN and infinity stay
//! NaN). `lib/dropout-mask.ts` is the same in TypeScript.

use super::map::{Input, Map, map};
use crate::context::Context;
use crate::error::{KernelError, Result};
use crate::simd::{LANES, Simd};

const UNIT: f64 = (1 << 24) as f64;

/// What one site of dropout does in one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    keys: [u32; 2],
    threshold: i32,
    scale: f32,
}

impl Dropout {
    pub const NONE: Self = Self {
        keys: [0; 2],
        threshold: 0,
        scale: 1.0,
    };

    /// `Invalid` unless 0 ≤ rate < 1 (rounded to multiples of 2⁻²⁴); 0 drops nothing.
    pub fn new(seed: u32, rate: f64) -> Result<Self> {
        let threshold = (rate * UNIT).round();
        if !(0.0..UNIT).contains(&threshold) {
            return Err(KernelError::Invalid(format!(
                "a dropout rate of {rate}; it must be at least 0 and below 1"
            )));
        }
        if threshold == 0.0 {
            return Ok(Self::NONE);
        }
        Ok(Self {
            keys: [mix(seed), mix(seed.wrapping_add(0x9e37_79b9))],
            threshold: threshold as i32,
            scale: (UNIT / (UNIT - threshold)) as f32,
        })
    }

    pub fn is_none(&self) -> bool {
        self.threshold == 0
    }

    /// 0 or the scale.
    #[inline(always)]
    pub fn factor(&self, index: u32) -> f32 {
        let mut h = index ^ self.keys[0];
        h = (h ^ (h >> 16)).wrapping_mul(0x7feb_352d);
        h = (h ^ (h >> 15))
            .wrapping_add(self.keys[1])
            .wrapping_mul(0x846c_a68b);
        h ^= h >> 16;
        if ((h >> 8) as i32) < self.threshold {
            0.0
        } else {
            self.scale
        }
    }

    /// Factors of sixteen indices from `index` on.
    ///
    /// # Safety
    /// As [`Simd`].
    #[inline(always)]
    pub unsafe fn factors<S: Simd>(&self, index: u32) -> S::F {
        // plain integers: the compiler makes vectors of them, and they are exact on any variant
        let mut lanes = [0f32; LANES];
        for (lane, factor) in lanes.iter_mut().enumerate() {
            *factor = self.factor(index.wrapping_add(lane as u32));
        }
        // SAFETY: sixteen values.
        unsafe { S::load(lanes.as_ptr()) }
    }
}

fn mix(mut x: u32) -> u32 {
    x = (x ^ (x >> 16)).wrapping_mul(0x7feb_352d);
    x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

#[derive(Clone, Copy)]
struct Masked(Dropout);

impl Map<1> for Masked {
    #[inline(always)]
    unsafe fn apply<S: Simd>(self, at: u32, [x]: [S::F; 1]) -> S::F {
        // SAFETY: the caller's features.
        unsafe { S::mul(x, self.0.factors::<S>(at)) }
    }
}

/// y = x, masked; `None` masks y in place. Also its own gradient. `Invalid` above 2³² values.
pub fn dropout(
    context: &Context,
    x: Option<&[f32]>,
    y: &mut [f32],
    dropout: Dropout,
) -> Result<()> {
    check_indexable(y.len())?;
    let x = Input::or_output("x", x);
    if dropout.is_none() {
        return map(context, Same, [x], y);
    }
    map(context, Masked(dropout), [x], y)
}

#[derive(Clone, Copy)]
struct Same;

impl Map<1> for Same {
    #[inline(always)]
    unsafe fn apply<S: Simd>(self, _: u32, [x]: [S::F; 1]) -> S::F {
        x
    }
}

pub fn check_indexable(len: usize) -> Result<()> {
    if len as u64 <= 1 << 32 {
        return Ok(());
    }
    Err(KernelError::Invalid(format!(
        "{len} values; dropout can index 2³²"
    )))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{contexts, random, same_bits};
    use super::*;

    #[test]
    fn the_mask_is_the_written_function() {
        // the TypeScript twin is tested against the same values
        let dropout = Dropout::new(12_345, 0.25).unwrap();
        let kept: Vec<u32> = (0..24)
            .filter(|index| dropout.factor(*index) > 0.0)
            .collect();
        assert_eq!(dropout.factor(kept[0]), 4.0 / 3.0);
        assert!((14..=22).contains(&kept.len()), "{kept:?}");
    }

    #[test]
    fn rate_bits_and_neighbours_are_as_if_drawn() {
        for (seed, rate) in [(0, 0.1), (1, 0.1), (77, 0.5), (u32::MAX, 0.03)] {
            let one = Dropout::new(seed, rate).unwrap();
            let other = Dropout::new(seed.wrapping_add(1), rate).unwrap();
            let n = 400_000u32;
            let dropped = |d: &Dropout, i: u32| f64::from(d.factor(i) == 0.0);
            let mean = |f: &dyn Fn(u32) -> f64| (0..n).map(f).sum::<f64>() / f64::from(n);
            let deviation = (rate * (1.0 - rate) / f64::from(n)).sqrt();
            assert!((mean(&|i| dropped(&one, i)) - rate).abs() < 5.0 * deviation);
            // pairs: neighbours, elements a row apart, the next seed
            for lag in [1, 2, 16, 384, 768] {
                let both = mean(&|i| dropped(&one, i) * dropped(&one, i + lag));
                assert!((both - rate * rate).abs() < 5.0 * deviation, "lag {lag}");
            }
            let both = mean(&|i| dropped(&one, i) * dropped(&other, i));
            assert!((both - rate * rate).abs() < 5.0 * deviation);
        }
    }

    #[test]
    fn all_variants_and_threads_mask_alike_in_place_or_not() {
        let mask = Dropout::new(5, 0.1).unwrap();
        for len in [1, 15, 16, 17, 1000, 40_000] {
            let x = random(len, 1);
            let expected: Vec<f32> = (0..len).map(|at| x[at] * mask.factor(at as u32)).collect();
            for context in contexts() {
                let mut y = vec![7.0; len];
                dropout(&context, Some(&x), &mut y, mask).unwrap();
                same_bits(&y, &expected);
                let mut z = x.clone();
                dropout(&context, None, &mut z, mask).unwrap();
                same_bits(&z, &expected);
                dropout(&context, Some(&x), &mut y, Dropout::NONE).unwrap();
                same_bits(&y, &x);
            }
        }
    }

    #[test]
    fn rates_outside_of_their_range_are_refused() {
        for rate in [-0.1, 1.0, f64::NAN, f64::INFINITY] {
            assert!(Dropout::new(1, rate).is_err());
        }
        let mut y = [0.0; 3];
        let context = &contexts()[0];
        assert!(dropout(context, Some(&[1.0]), &mut y, Dropout::NONE).is_err());
    }
}
