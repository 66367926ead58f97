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

fn input<'a>(name: &'a str, x: Option<&'a [f32]>) -> Input<'a> {
    x.map_or(Input::Output, |x| Input::Array(name, x))
}

#[derive(Clone, Copy)]
struct Gelu;

impl Map<1> for Gelu {
    #[inline(always)]
    unsafe fn apply<S: Simd>(self, _: u32, [x]: [S::F; 1]) -> S::F {
        // SAFETY: the caller's features.
        unsafe { S::mul(x, cumulative::<S>(x)) }
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

/// y = x·Φ(x), exact GELU (erf); NaN gives NaN, −∞ gives NaN (−∞·0).
pub fn gelu(context: &Context, x: Option<&[f32]>, y: &mut [f32]) -> Result<()> {
    map(context, Gelu, [input("x", x)], y)
}

#[derive(Clone, Copy)]
struct GeluGradient;

impl Map<2> for GeluGradient {
    #[inline(always)]
    unsafe fn apply<S: Simd>(self, _: u32, [dy, x]: [S::F; 2]) -> S::F {
        // SAFETY: the caller's features.
        unsafe {
            let exponent = S::mul(S::mul(x, S::splat(-0.5)), x);
            let density = S::mul(S::splat(DENSITY), math::exp::<S>(exponent));
            S::mul(dy, S::fma(x, density, cumulative::<S>(x)))
        }
    }
}

/// dx = dy·(Φ(x) + x·φ(x))
pub fn gelu_gradient(
    context: &Context,
    dy: Option<&[f32]>,
    x: &[f32],
    dx: &mut [f32],
) -> Result<()> {
    map(
        context,
        GeluGradient,
        [input("dy", dy), Input::Array("x", x)],
        dx,
    )
}

#[derive(Clone, Copy)]
struct GeluTanh;

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

impl Map<1> for GeluTanh {
    #[inline(always)]
    unsafe fn apply<S: Simd>(self, _: u32, [x]: [S::F; 1]) -> S::F {
        // SAFETY: the caller's features.
        unsafe {
            let half = S::mul(S::splat(0.5), x);
            S::fma(half, tanh_of_cubic::<S>(x), half)
        }
    }
}

/// y = ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))
pub fn gelu_tanh(context: &Context, x: Option<&[f32]>, y: &mut [f32]) -> Result<()> {
    map(context, GeluTanh, [input("x", x)], y)
}

#[derive(Clone, Copy)]
struct GeluTanhGradient;

impl Map<2> for GeluTanhGradient {
    #[inline(always)]
    unsafe fn apply<S: Simd>(self, _: u32, [dy, x]: [S::F; 2]) -> S::F {
        // SAFETY: the caller's features.
        unsafe {
            let t = tanh_of_cubic::<S>(x);
            let square = S::mul(x, x);
            let inner = S::fma(S::splat(3.0 * CUBIC * SLOPE), square, S::splat(SLOPE));
            let rest = S::fma(S::sub(S::splat(0.0), t), t, S::splat(1.0)); // 1 − t²
            let slope = S::fma(S::mul(S::mul(x, inner), rest), S::splat(0.5), S::splat(0.5));
            S::mul(dy, S::fma(S::splat(0.5), t, slope))
        }
    }
}

/// dx = dy·∂gelu_tanh(x)
pub fn gelu_tanh_gradient(
    context: &Context,
    dy: Option<&[f32]>,
    x: &[f32],
    dx: &mut [f32],
) -> Result<()> {
    map(
        context,
        GeluTanhGradient,
        [input("dy", dy), Input::Array("x", x)],
        dx,
    )
}

#[derive(Clone, Copy)]
struct Tanh;

impl Map<1> for Tanh {
    #[inline(always)]
    unsafe fn apply<S: Simd>(self, _: u32, [x]: [S::F; 1]) -> S::F {
        // SAFETY: the caller's features.
        unsafe { math::tanh::<S>(x) }
    }
}

/// y = tanh(x)
pub fn tanh(context: &Context, x: Option<&[f32]>, y: &mut [f32]) -> Result<()> {
    map(context, Tanh, [input("x", x)], y)
}

#[derive(Clone, Copy)]
struct TanhGradient;

impl Map<2> for TanhGradient {
    #[inline(always)]
    unsafe fn apply<S: Simd>(self, _: u32, [dy, y]: [S::F; 2]) -> S::F {
        // SAFETY: the caller's features.
        unsafe { S::mul(dy, S::fma(S::sub(S::splat(0.0), y), y, S::splat(1.0))) }
    }
}

/// dx = dy·(1 − y²) with y = tanh(x)
pub fn tanh_gradient(
    context: &Context,
    dy: Option<&[f32]>,
    y: &[f32],
    dx: &mut [f32],
) -> Result<()> {
    map(
        context,
        TanhGradient,
        [input("dy", dy), Input::Array("y", y)],
        dx,
    )
}

#[derive(Clone, Copy)]
struct Relu;

impl Map<1> for Relu {
    #[inline(always)]
    unsafe fn apply<S: Simd>(self, _: u32, [x]: [S::F; 1]) -> S::F {
        // SAFETY: the caller's features.
        unsafe { S::max(S::splat(0.0), x) }
    }
}

/// y = x where x > 0 or NaN, 0 elsewhere (the sign of a zero stays).
pub fn relu(context: &Context, x: Option<&[f32]>, y: &mut [f32]) -> Result<()> {
    map(context, Relu, [input("x", x)], y)
}

#[derive(Clone, Copy)]
struct ReluGradient;

impl Map<2> for ReluGradient {
    #[inline(always)]
    unsafe fn apply<S: Simd>(self, _: u32, [dy, y]: [S::F; 2]) -> S::F {
        // SAFETY: the caller's features.
        unsafe { S::where_greater(y, S::splat(0.0), dy, S::splat(0.0)) }
    }
}

/// dx = dy where y > 0, 0 elsewhere, with y = relu(x) (or x itself)
pub fn relu_gradient(
    context: &Context,
    dy: Option<&[f32]>,
    y: &[f32],
    dx: &mut [f32],
) -> Result<()> {
    map(
        context,
        ReluGradient,
        [input("dy", dy), Input::Array("y", y)],
        dx,
    )
}

#[derive(Clone, Copy)]
struct Add;

impl Map<2> for Add {
    #[inline(always)]
    unsafe fn apply<S: Simd>(self, _: u32, [a, b]: [S::F; 2]) -> S::F {
        // SAFETY: the caller's features.
        unsafe { S::add(a, b) }
    }
}

/// y = a + b
pub fn add(context: &Context, a: Option<&[f32]>, b: &[f32], y: &mut [f32]) -> Result<()> {
    map(context, Add, [input("a", a), Input::Array("b", b)], y)
}
