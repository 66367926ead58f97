//! Elementwise functions and their gradients. An input that is `None` is the output as it was before.

use super::map::{Input, Map, map};
use crate::context::Context;
use crate::error::Result;
use crate::simd::{Simd, math};

const SQRT_HALF: f32 = std::f32::consts::FRAC_1_SQRT_2;
/// 1 / √(2π)
const DENSITY: f32 = 0.398_942_3;
/// √(2/π)
const SLOPE: f32 = 0.797_884_6;
const CUBIC: f32 = 0.044_715;

/// `name(a, b) -> y { … }` makes `pub fn name(context, a: Option<&[f32]>, b: &[f32], y: &mut [f32])`, which
/// sets each y to the block's value, a vector of the variant S; a and b are vectors there. Only the first
/// input can be the output.
macro_rules! elementwise {
    ($(
        $(#[$doc:meta])*
        $name:ident($first:ident $(, $other:ident)*) -> $output:ident $value:block
    )*) => {$(
        $(#[$doc])*
        pub fn $name(
            context: &Context,
            $first: Option<&[f32]>,
            $($other: &[f32],)*
            $output: &mut [f32],
        ) -> Result<()> {
            const INPUTS: usize = [stringify!($first) $(, stringify!($other))*].len();

            #[derive(Clone, Copy)]
            struct Each;

            impl Map<INPUTS> for Each {
                #[inline(always)]
                unsafe fn apply<S: Simd>(
                    self,
                    _: u32,
                    [$first $(, $other)*]: [S::F; INPUTS],
                ) -> S::F {
                    // SAFETY: the caller's features.
                    unsafe { $value }
                }
            }

            let inputs = [
                Input::or_output(stringify!($first), $first),
                $(Input::Array(stringify!($other), $other),)*
            ];
            map(context, Each, inputs, $output)
        }
    )*};
}

elementwise! {
    /// y = x·Φ(x), exact GELU (erf); NaN gives NaN, −∞ gives NaN (−∞·0).
    gelu(x) -> y {
        S::mul(x, cumulative::<S>(x))
    }

    /// dx = dy·(Φ(x) + x·φ(x))
    gelu_gradient(dy, x) -> dx {
        let exponent = S::mul(S::mul(x, S::splat(-0.5)), x);
        let density = S::mul(S::splat(DENSITY), math::exp::<S>(exponent));
        S::mul(dy, S::fma(x, density, cumulative::<S>(x)))
    }

    /// y = ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))
    gelu_tanh(x) -> y {
        let half = S::mul(S::splat(0.5), x);
        S::fma(half, tanh_of_cubic::<S>(x), half)
    }

    /// dx = dy·∂gelu_tanh(x)
    gelu_tanh_gradient(dy, x) -> dx {
        let t = tanh_of_cubic::<S>(x);
        let square = S::mul(x, x);
        let inner = S::fma(S::splat(3.0 * CUBIC * SLOPE), square, S::splat(SLOPE));
        let rest = S::fma(S::sub(S::splat(0.0), t), t, S::splat(1.0)); // 1 − t²
        let slope = S::fma(S::mul(S::mul(x, inner), rest), S::splat(0.5), S::splat(0.5));
        S::mul(dy, S::fma(S::splat(0.5), t, slope))
    }

    /// y = tanh(x)
    tanh(x) -> y {
        math::tanh::<S>(x)
    }

    /// dx = dy·(1 − y²) with y = tanh(x)
    tanh_gradient(dy, y) -> dx {
        S::mul(dy, S::fma(S::sub(S::splat(0.0), y), y, S::splat(1.0)))
    }

    /// y = x where x > 0 or NaN, 0 elsewhere (the sign of a zero stays).
    relu(x) -> y {
        S::max(S::splat(0.0), x)
    }

    /// dx = dy where y > 0, 0 elsewhere, with y = relu(x) (or x itself)
    relu_gradient(dy, y) -> dx {
        S::where_greater(y, S::splat(0.0), dy, S::splat(0.0))
    }

    /// y = a + b
    add(a, b) -> y {
        S::add(a, b)
    }
}

/// Φ(x) = ½ + ½·erf(x/√2)
#[inline(always)]
unsafe fn cumulative<S: Simd>(x: S::F) -> S::F {
    // SAFETY: the caller's features.
    unsafe {
        let erf = math::erf::<S>(S::mul(x, S::splat(SQRT_HALF)));
        S::fma(S::splat(0.5), erf, S::splat(0.5))
    }
}

/// tanh(√(2/π)·(x + 0.044715·x³))
#[inline(always)]
unsafe fn tanh_of_cubic<S: Simd>(x: S::F) -> S::F {
    // SAFETY: the caller's features.
    unsafe {
        let square = S::mul(x, x);
        let factor = S::fma(S::splat(CUBIC * SLOPE), square, S::splat(SLOPE));
        math::tanh::<S>(S::mul(x, factor))
    }
}
