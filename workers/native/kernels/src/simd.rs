//! Vectors of sixteen f32, sixteen i32 or sixty-four bytes, whatever the CPU's registers are.
//!
//! A kernel implements [`Kernel`] with `#[inline(always)]` on `run` and on every helper that touches
//! vectors, and no closures around vector operations: [`dispatch`] inlines it into a function that is
//! compiled with the variant's instructions, and what is not inlined would be a call per instruction.
//!
//! Operations are defined to the bit: `fma` rounds once, conversions round to nearest even, `sum` is the
//! tree 8 + 4 + 2 + 1, and `max(a, b)` is `if a > b { a } else { b }` (so a NaN in `a` gives `b`).

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
pub mod math;
mod scalar;
#[cfg(test)]
mod tests;

use crate::variant::Variant;

/// f32 (or i32) lanes of a vector.
pub const LANES: usize = 16;
/// Bytes of a vector.
pub const BYTES: usize = 64;

/// Sixteen lanes of a variant.
///
/// # Safety
/// Every operation needs the CPU features of [`Simd::VARIANT`]; those with a pointer need it valid for
/// the whole vector (or the first `count` elements). No alignment is asked for.
#[allow(clippy::missing_safety_doc)] // one contract for all operations, above
pub unsafe trait Simd: Copy + Send + Sync + 'static {
    const VARIANT: Variant;
    /// Vectors that a kernel may hold in registers: 32 or 8 (16 half ones).
    const REGISTERS: usize;

    type F: Copy;
    type I: Copy;
    /// Sixty-four bytes, signed or not.
    type B: Copy;

    // f32
    unsafe fn splat(x: f32) -> Self::F;
    unsafe fn load(from: *const f32) -> Self::F;
    unsafe fn store(to: *mut f32, x: Self::F);
    /// The first `count` ≤ 16 lanes; the others are 0.
    unsafe fn load_first(from: *const f32, count: usize) -> Self::F;
    unsafe fn store_first(to: *mut f32, x: Self::F, count: usize);
    /// `load_first`, or a whole vector where there is one: masks have their price.
    #[inline(always)]
    unsafe fn load_some(from: *const f32, count: usize) -> Self::F {
        // SAFETY: the caller's.
        unsafe {
            if count == LANES {
                Self::load(from)
            } else {
                Self::load_first(from, count)
            }
        }
    }
    #[inline(always)]
    unsafe fn store_some(to: *mut f32, x: Self::F, count: usize) {
        // SAFETY: the caller's.
        unsafe {
            if count == LANES {
                Self::store(to, x);
            } else {
                Self::store_first(to, x, count);
            }
        }
    }
    unsafe fn add(a: Self::F, b: Self::F) -> Self::F;
    unsafe fn sub(a: Self::F, b: Self::F) -> Self::F;
    unsafe fn mul(a: Self::F, b: Self::F) -> Self::F;
    unsafe fn div(a: Self::F, b: Self::F) -> Self::F;
    unsafe fn sqrt(x: Self::F) -> Self::F;
    /// a·b + c
    unsafe fn fma(a: Self::F, b: Self::F, c: Self::F) -> Self::F;
    unsafe fn max(a: Self::F, b: Self::F) -> Self::F;
    /// `if a < b { a } else { b }`
    unsafe fn min(a: Self::F, b: Self::F) -> Self::F;
    unsafe fn abs(x: Self::F) -> Self::F;
    /// Magnitude of `a`, sign bit of `b`.
    unsafe fn copy_sign(a: Self::F, b: Self::F) -> Self::F;
    /// The smaller of |x| and `limit` ≥ 0 with the sign bit of x; unspecified where either is NaN.
    unsafe fn clamp_magnitude(x: Self::F, limit: Self::F) -> Self::F;
    /// 1, −1 or (where x is ±0) 0; unspecified where x is NaN.
    unsafe fn sign(x: Self::F) -> Self::F;
    /// `if a > b { x } else { y }` by lane.
    unsafe fn where_greater(a: Self::F, b: Self::F, x: Self::F, y: Self::F) -> Self::F;
    /// To the nearest integer, ties to even.
    unsafe fn round(x: Self::F) -> Self::F;
    /// x·2ⁿ for an integral n of at most ±126 in a lane (n as f32).
    unsafe fn scale_by_power(x: Self::F, n: Self::F) -> Self::F;
    /// Lane i of vector j is lane j of x[i].
    #[inline(always)]
    unsafe fn transpose(x: [Self::F; LANES]) -> [Self::F; LANES] {
        let mut rows = [[0.0; LANES]; LANES];
        let mut across = x;
        // SAFETY: the caller's features; rows of sixteen.
        unsafe {
            for (row, x) in rows.iter_mut().zip(x) {
                Self::store(row.as_mut_ptr(), x);
            }
            for (column, across) in across.iter_mut().enumerate() {
                *across = Self::load(rows.map(|row| row[column]).as_ptr());
            }
        }
        across
    }
    unsafe fn sum(x: Self::F) -> f32;
    unsafe fn largest(x: Self::F) -> f32;

    // i32
    unsafe fn splat_i32(x: i32) -> Self::I;
    unsafe fn load_i32(from: *const i32) -> Self::I;
    unsafe fn store_i32(to: *mut i32, x: Self::I);
    unsafe fn add_i32(a: Self::I, b: Self::I) -> Self::I;
    unsafe fn sub_i32(a: Self::I, b: Self::I) -> Self::I;
    /// Exact up to 2²⁴, then to nearest even.
    unsafe fn to_f32(x: Self::I) -> Self::F;
    /// To nearest even; NaN and what does not fit give `i32::MIN`.
    unsafe fn to_i32(x: Self::F) -> Self::I;
    /// Wrapping.
    unsafe fn sum_i32(x: Self::I) -> i32;
    unsafe fn max_i32(a: Self::I, b: Self::I) -> Self::I;
    unsafe fn largest_i32(x: Self::I) -> i32;
    /// The lowest byte of each lane: sixteen bytes.
    unsafe fn store_low_bytes(to: *mut u8, x: Self::I);
    /// Lane l becomes the lowest bytes of a, b, c and d in lane l.
    unsafe fn interleave_4(a: Self::I, b: Self::I, c: Self::I, d: Self::I) -> Self::B;
    /// The same bits.
    unsafe fn bits(x: Self::F) -> Self::I;
    /// x · 2ⁿ by adding n (its lowest nine bits, signed) to the exponent, where neither x nor the result is 0, subnormal or too large.
    unsafe fn add_to_exponent(x: Self::F, n: Self::I) -> Self::F;
    /// Lanes of |x| < 2¹⁵ clamped to 0…255. Each quarter (sixteen bytes) has four lanes of `a`, four of `b`,
    /// four of `c`, four of `d`: those of the same quarter.
    unsafe fn pack_4(a: Self::I, b: Self::I, c: Self::I, d: Self::I) -> Self::B;
    /// Quarter i to `to + i · stride`.
    unsafe fn store_quarters(to: *mut u8, stride: usize, x: Self::B);

    // bytes
    unsafe fn zero_bytes() -> Self::B;
    unsafe fn load_bytes(from: *const u8) -> Self::B;
    unsafe fn store_bytes(to: *mut u8, x: Self::B);
    /// The same four bytes sixteen times.
    unsafe fn splat_4(from: *const u8) -> Self::B;
    unsafe fn min_u8(a: Self::B, b: Self::B) -> Self::B;
    /// sum + Σ of four neighbouring products of unsigned `a` and signed `b`, by lane; exact.
    unsafe fn dot_4(sum: Self::I, a: Self::B, b: Self::B) -> Self::I;
    /// As `dot_4` for −64 ≤ b ≤ 64, which needs fewer instructions where there is no VNNI.
    unsafe fn dot_4_small(sum: Self::I, a: Self::B, b: Self::B) -> Self::I;
}

/// Asks for the memory at `at` to be brought near, for writing; any address does no harm.
#[inline(always)]
pub fn prefetch_for_write<T>(at: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint, which reads nothing.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_ET0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_ET0>(at.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

/// Asks for the memory at `at` to be brought to the second cache; any address does no harm.
#[inline(always)]
pub fn prefetch<T>(at: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint, which reads nothing.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T1>(at.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

/// Work over vectors, compiled once for each variant.
pub trait Kernel {
    type Output;

    /// Mark the implementation `#[inline(always)]`.
    ///
    /// # Safety
    /// The CPU has the features of `S::VARIANT`.
    unsafe fn run<S: Simd>(self) -> Self::Output;
}

/// Runs a kernel with the instructions of a variant; panics where the CPU lacks them.
#[inline]
pub fn dispatch<K: Kernel>(variant: Variant, kernel: K) -> K::Output {
    assert!(
        variant.is_supported(),
        "this CPU lacks what {} kernels need",
        variant.name()
    );
    match variant {
        // SAFETY: asserted above, for this arm and the next two.
        #[cfg(target_arch = "x86_64")]
        Variant::Avx512Vnni => unsafe { run_avx512(kernel) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Variant::Avx2Vnni => unsafe { run_avx2_vnni(kernel) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Variant::Avx2 => unsafe { run_avx2(kernel) },
        // SAFETY: plain Rust.
        _ => unsafe { kernel.run::<scalar::Scalar>() },
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma")]
unsafe fn run_avx512<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: the features of this function.
    unsafe { kernel.run::<avx512::Avx512>() }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,avxvnni")]
unsafe fn run_avx2_vnni<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: the features of this function.
    unsafe { kernel.run::<avx2::Avx2<true>>() }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn run_avx2<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: the features of this function.
    unsafe { kernel.run::<avx2::Avx2<false>>() }
}
