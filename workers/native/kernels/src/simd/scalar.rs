//! Sixteen lanes in an array: the definition of every operation, and what runs where nothing else does.

use super::{BYTES, LANES, Simd};
use crate::variant::Variant;

#[derive(Clone, Copy)]
pub struct Scalar;

type Floats = [f32; LANES];
type Words = [i32; LANES];
type Bytes = [u8; BYTES];

#[inline(always)]
fn lanes<T: Copy, A: Copy, const N: usize>(a: [A; N], f: impl Fn(A) -> T) -> [T; N] {
    std::array::from_fn(|at| f(a[at]))
}

#[inline(always)]
fn pairs<T: Copy, A: Copy, const N: usize>(a: [A; N], b: [A; N], f: impl Fn(A, A) -> T) -> [T; N] {
    std::array::from_fn(|at| f(a[at], b[at]))
}

/// The tree 8 + 4 + 2 + 1.
#[inline(always)]
fn fold(mut x: Floats, f: impl Fn(f32, f32) -> f32) -> f32 {
    for half in [8, 4, 2, 1] {
        for at in 0..half {
            x[at] = f(x[at], x[at + half]);
        }
    }
    x[0]
}

#[inline(always)]
fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

// SAFETY: plain Rust; pointers are valid by the trait's contract.
#[rustfmt::skip]
#[allow(clippy::undocumented_unsafe_blocks)] // one reason for all of them, above
unsafe impl Simd for Scalar {
    const VARIANT: Variant = Variant::Scalar;
    const REGISTERS: usize = 8;

    type F = Floats;
    type I = Words;
    type B = Bytes;

    #[inline(always)] unsafe fn splat(x: f32) -> Floats { [x; LANES] }
    #[inline(always)] unsafe fn load(from: *const f32) -> Floats { unsafe { from.cast::<Floats>().read_unaligned() } }
    #[inline(always)] unsafe fn store(to: *mut f32, x: Floats) { unsafe { to.cast::<Floats>().write_unaligned(x) } }
    #[inline(always)] unsafe fn load_first(from: *const f32, count: usize) -> Floats {
        let mut x = [0.0; LANES];
        for (at, lane) in x.iter_mut().enumerate().take(count) { *lane = unsafe { from.add(at).read() } }
        x
    }
    #[inline(always)] unsafe fn store_first(to: *mut f32, x: Floats, count: usize) {
        for (at, lane) in x.into_iter().enumerate().take(count) { unsafe { to.add(at).write(lane) } }
    }
    #[inline(always)] unsafe fn add(a: Floats, b: Floats) -> Floats { pairs(a, b, |a, b| a + b) }
    #[inline(always)] unsafe fn sub(a: Floats, b: Floats) -> Floats { pairs(a, b, |a, b| a - b) }
    #[inline(always)] unsafe fn mul(a: Floats, b: Floats) -> Floats { pairs(a, b, |a, b| a * b) }
    #[inline(always)] unsafe fn div(a: Floats, b: Floats) -> Floats { pairs(a, b, |a, b| a / b) }
    #[inline(always)] unsafe fn sqrt(x: Floats) -> Floats { lanes(x, f32::sqrt) }
    #[inline(always)] unsafe fn fma(a: Floats, b: Floats, c: Floats) -> Floats { std::array::from_fn(|at| a[at].mul_add(b[at], c[at])) }
    #[inline(always)] unsafe fn max(a: Floats, b: Floats) -> Floats { pairs(a, b, greater) }
    #[inline(always)] unsafe fn min(a: Floats, b: Floats) -> Floats { pairs(a, b, |a, b| if a < b { a } else { b }) }
    #[inline(always)] unsafe fn abs(x: Floats) -> Floats { lanes(x, f32::abs) }
    #[inline(always)] unsafe fn copy_sign(a: Floats, b: Floats) -> Floats { pairs(a, b, f32::copysign) }
    #[inline(always)] unsafe fn clamp_magnitude(x: Floats, limit: Floats) -> Floats { pairs(x, limit, |x, limit| x.abs().min(limit).copysign(x)) }
    #[inline(always)] unsafe fn sign(x: Floats) -> Floats { lanes(x, |x| if x > 0.0 { 1.0 } else if x < 0.0 { -1.0 } else { 0.0 }) }
    #[inline(always)] unsafe fn where_greater(a: Floats, b: Floats, x: Floats, y: Floats) -> Floats {
        std::array::from_fn(|at| if a[at] > b[at] { x[at] } else { y[at] })
    }
    #[inline(always)] unsafe fn round(x: Floats) -> Floats { lanes(x, f32::round_ties_even) }
    #[inline(always)] unsafe fn scale_by_power(x: Floats, n: Floats) -> Floats {
        pairs(x, n, |x, n| x * f32::from_bits(((n as i32 + 127) << 23) as u32))
    }
    #[inline(always)] unsafe fn sum(x: Floats) -> f32 { fold(x, |a, b| a + b) }
    #[inline(always)] unsafe fn largest(x: Floats) -> f32 { fold(x, greater) }

    #[inline(always)] unsafe fn splat_i32(x: i32) -> Words { [x; LANES] }
    #[inline(always)] unsafe fn load_i32(from: *const i32) -> Words { unsafe { from.cast::<Words>().read_unaligned() } }
    #[inline(always)] unsafe fn store_i32(to: *mut i32, x: Words) { unsafe { to.cast::<Words>().write_unaligned(x) } }
    #[inline(always)] unsafe fn add_i32(a: Words, b: Words) -> Words { pairs(a, b, i32::wrapping_add) }
    #[inline(always)] unsafe fn sub_i32(a: Words, b: Words) -> Words { pairs(a, b, i32::wrapping_sub) }
    #[inline(always)] unsafe fn to_f32(x: Words) -> Floats { lanes(x, |x| x as f32) }
    #[inline(always)] unsafe fn to_i32(x: Floats) -> Words {
        lanes(x, |x| {
            let rounded = x.round_ties_even();
            // 2³¹ is the first that does not fit; NaN compares false
            if (-2_147_483_648.0..2_147_483_648.0).contains(&rounded) { rounded as i32 } else { i32::MIN }
        })
    }
    #[inline(always)] unsafe fn sum_i32(x: Words) -> i32 { x.into_iter().fold(0, i32::wrapping_add) }

    #[inline(always)] unsafe fn zero_bytes() -> Bytes { [0; BYTES] }
    #[inline(always)] unsafe fn load_bytes(from: *const u8) -> Bytes { unsafe { from.cast::<Bytes>().read_unaligned() } }
    #[inline(always)] unsafe fn store_bytes(to: *mut u8, x: Bytes) { unsafe { to.cast::<Bytes>().write_unaligned(x) } }
    #[inline(always)] unsafe fn splat_4(from: *const u8) -> Bytes { let x = unsafe { from.cast::<[u8; 4]>().read_unaligned() }; std::array::from_fn(|at| x[at % 4]) }
    #[inline(always)] unsafe fn dot_4(sum: Words, a: Bytes, b: Bytes) -> Words {
        std::array::from_fn(|at| {
            let of = at * 4..at * 4 + 4;
            of.fold(sum[at], |sum, byte| sum.wrapping_add(i32::from(a[byte]) * i32::from(b[byte] as i8)))
        })
    }

    #[inline(always)] unsafe fn max_i32(a: Words, b: Words) -> Words { pairs(a, b, i32::max) }
    #[inline(always)] unsafe fn largest_i32(x: Words) -> i32 { x.into_iter().fold(i32::MIN, i32::max) }
    #[inline(always)] unsafe fn store_low_bytes(to: *mut u8, x: Words) { unsafe { to.cast::<[u8; LANES]>().write_unaligned(lanes(x, |x| x as u8)) } }
    #[inline(always)] unsafe fn interleave_4(a: Words, b: Words, c: Words, d: Words) -> Bytes {
        std::array::from_fn(|at| [a, b, c, d][at % 4][at / 4] as u8)
    }
    #[inline(always)] unsafe fn bits(x: Floats) -> Words { lanes(x, |x| x.to_bits() as i32) }
    #[inline(always)] unsafe fn dot_4_small(sum: Words, a: Bytes, b: Bytes) -> Words { unsafe { Self::dot_4(sum, a, b) } }
    #[inline(always)] unsafe fn add_to_exponent(x: Floats, n: Words) -> Floats {
        std::array::from_fn(|at| f32::from_bits(x[at].to_bits().wrapping_add((n[at] as u32) << 23)))
    }
    #[inline(always)] unsafe fn pack_4(a: Words, b: Words, c: Words, d: Words) -> Bytes {
        std::array::from_fn(|at| [a, b, c, d][at / 4 % 4][at / 16 * 4 + at % 4].clamp(0, 255) as u8)
    }
    #[inline(always)] unsafe fn store_quarters(to: *mut u8, stride: usize, x: Bytes) {
        for (at, quarter) in x.chunks_exact(16).enumerate() { unsafe { to.add(at * stride).copy_from_nonoverlapping(quarter.as_ptr(), 16) } }
    }
    #[inline(always)] unsafe fn min_u8(a: Bytes, b: Bytes) -> Bytes { pairs(a, b, u8::min) }
}
