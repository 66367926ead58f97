//! Sixteen lanes in two 256-bit registers; byte dot products by VNNI where the CPU has it.

use std::arch::x86_64::*;

use super::Simd;
use crate::variant::Variant;

#[derive(Clone, Copy)]
pub struct Avx2<const VNNI: bool>;

type Floats = [__m256; 2];
type Words = [__m256i; 2];

/// ((x0+x4)+(x2+x6)) + ((x1+x5)+(x3+x7))
#[inline(always)]
pub(super) unsafe fn sum_8(x: __m256) -> f32 {
    // SAFETY: the caller's features.
    unsafe {
        let four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x));
        let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
    }
}

#[inline(always)]
pub(super) unsafe fn largest_8(x: __m256) -> f32 {
    // SAFETY: the caller's features.
    unsafe {
        let four = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x));
        let two = _mm_max_ps(four, _mm_movehl_ps(four, four));
        _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps::<1>(two, two)))
    }
}

#[inline(always)]
unsafe fn sign_8(x: __m256) -> __m256 {
    // SAFETY: the caller's features.
    unsafe {
        let one = _mm256_or_ps(_mm256_and_ps(x, _mm256_set1_ps(-0.0)), _mm256_set1_ps(1.0));
        _mm256_and_ps(one, _mm256_cmp_ps::<_CMP_NEQ_UQ>(x, _mm256_setzero_ps()))
    }
}

/// −1 in the lanes of half `half` (0 or 1) that are among the first `count` of sixteen.
#[inline(always)]
unsafe fn first(count: usize, half: i32) -> __m256i {
    // SAFETY: the caller's features.
    unsafe {
        let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        _mm256_cmpgt_epi32(_mm256_set1_epi32(count as i32 - 8 * half), lanes)
    }
}

/// Exact without VNNI: bytes are widened to i16 first, since vpmaddubsw saturates.
#[inline(always)]
unsafe fn dot_4_half<const VNNI: bool>(sum: __m256i, a: __m256i, b: __m256i) -> __m256i {
    // SAFETY: the caller's features; VNNI is only true where the CPU has it.
    unsafe {
        if VNNI {
            return _mm256_dpbusd_avx_epi32(sum, a, b);
        }
        let low = _mm256_set1_epi16(0xff);
        let even = _mm256_madd_epi16(
            _mm256_and_si256(a, low),
            _mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(b)),
        );
        let odd = _mm256_madd_epi16(_mm256_srli_epi16::<8>(a), _mm256_srai_epi16::<8>(b));
        _mm256_add_epi32(sum, _mm256_add_epi32(even, odd))
    }
}

/// Pairs of products fit i16 for small b.
#[inline(always)]
unsafe fn small_half<const VNNI: bool>(sum: __m256i, a: __m256i, b: __m256i) -> __m256i {
    // SAFETY: the caller's features; VNNI is only true where the CPU has it.
    unsafe {
        if VNNI {
            return _mm256_dpbusd_avx_epi32(sum, a, b);
        }
        let pairs = _mm256_maddubs_epi16(a, b);
        _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
    }
}

#[inline(always)]
unsafe fn interleave_half(a: __m256i, b: __m256i, c: __m256i, d: __m256i) -> __m256i {
    // SAFETY: the caller's features.
    unsafe {
        let low = _mm256_set1_epi32(0xff);
        let (a, c) = (_mm256_and_si256(a, low), _mm256_and_si256(c, low));
        let b = _mm256_slli_epi32::<8>(_mm256_and_si256(b, low));
        let cd = _mm256_or_si256(c, _mm256_slli_epi32::<8>(d));
        _mm256_or_si256(_mm256_or_si256(a, b), _mm256_slli_epi32::<16>(cd))
    }
}

macro_rules! both {
    ($f:ident($($x:expr),*)) => { unsafe { [$f($($x[0]),*), $f($($x[1]),*)] } };
}

// SAFETY: each operation is this variant's instructions on both halves; masked ones touch the first
// `count` elements alone.
#[rustfmt::skip]
#[allow(clippy::undocumented_unsafe_blocks)] // one reason for all of them, above
unsafe impl<const VNNI: bool> Simd for Avx2<VNNI> {
    const VARIANT: Variant = if VNNI { Variant::Avx2Vnni } else { Variant::Avx2 };
    const REGISTERS: usize = 8;

    type F = Floats;
    type I = Words;
    type B = Words;

    #[inline(always)] unsafe fn splat(x: f32) -> Floats { unsafe { [_mm256_set1_ps(x); 2] } }
    #[inline(always)] unsafe fn load(from: *const f32) -> Floats { unsafe { [_mm256_loadu_ps(from), _mm256_loadu_ps(from.add(8))] } }
    #[inline(always)] unsafe fn store(to: *mut f32, x: Floats) { unsafe { _mm256_storeu_ps(to, x[0]); _mm256_storeu_ps(to.add(8), x[1]) } }
    #[inline(always)] unsafe fn load_first(from: *const f32, count: usize) -> Floats {
        unsafe { [_mm256_maskload_ps(from, first(count, 0)), _mm256_maskload_ps(from.wrapping_add(8), first(count, 1))] }
    }
    #[inline(always)] unsafe fn store_first(to: *mut f32, x: Floats, count: usize) {
        unsafe { _mm256_maskstore_ps(to, first(count, 0), x[0]); _mm256_maskstore_ps(to.wrapping_add(8), first(count, 1), x[1]) }
    }
    #[inline(always)] unsafe fn add(a: Floats, b: Floats) -> Floats { both!(_mm256_add_ps(a, b)) }
    #[inline(always)] unsafe fn sub(a: Floats, b: Floats) -> Floats { both!(_mm256_sub_ps(a, b)) }
    #[inline(always)] unsafe fn mul(a: Floats, b: Floats) -> Floats { both!(_mm256_mul_ps(a, b)) }
    #[inline(always)] unsafe fn div(a: Floats, b: Floats) -> Floats { both!(_mm256_div_ps(a, b)) }
    #[inline(always)] unsafe fn sqrt(x: Floats) -> Floats { both!(_mm256_sqrt_ps(x)) }
    #[inline(always)] unsafe fn fma(a: Floats, b: Floats, c: Floats) -> Floats { both!(_mm256_fmadd_ps(a, b, c)) }
    #[inline(always)] unsafe fn max(a: Floats, b: Floats) -> Floats { both!(_mm256_max_ps(a, b)) }
    #[inline(always)] unsafe fn min(a: Floats, b: Floats) -> Floats { both!(_mm256_min_ps(a, b)) }
    #[inline(always)] unsafe fn abs(x: Floats) -> Floats {
        unsafe { let sign = _mm256_set1_ps(-0.0); [_mm256_andnot_ps(sign, x[0]), _mm256_andnot_ps(sign, x[1])] }
    }
    #[inline(always)] unsafe fn copy_sign(a: Floats, b: Floats) -> Floats {
        unsafe {
            let sign = _mm256_set1_ps(-0.0);
            [_mm256_or_ps(_mm256_andnot_ps(sign, a[0]), _mm256_and_ps(sign, b[0])),
             _mm256_or_ps(_mm256_andnot_ps(sign, a[1]), _mm256_and_ps(sign, b[1]))]
        }
    }
    #[inline(always)] unsafe fn clamp_magnitude(x: Floats, limit: Floats) -> Floats {
        // with the operands in this order equal ones keep the sign of x
        unsafe {
            let sign = _mm256_set1_ps(-0.0);
            [_mm256_max_ps(_mm256_xor_ps(limit[0], sign), _mm256_min_ps(limit[0], x[0])),
             _mm256_max_ps(_mm256_xor_ps(limit[1], sign), _mm256_min_ps(limit[1], x[1]))]
        }
    }
    #[inline(always)] unsafe fn sign(x: Floats) -> Floats { unsafe { [sign_8(x[0]), sign_8(x[1])] } }
    #[inline(always)] unsafe fn where_greater(a: Floats, b: Floats, x: Floats, y: Floats) -> Floats {
        unsafe {
            [_mm256_blendv_ps(y[0], x[0], _mm256_cmp_ps::<_CMP_GT_OQ>(a[0], b[0])),
             _mm256_blendv_ps(y[1], x[1], _mm256_cmp_ps::<_CMP_GT_OQ>(a[1], b[1]))]
        }
    }
    #[inline(always)] unsafe fn round(x: Floats) -> Floats { unsafe { [_mm256_round_ps::<8>(x[0]), _mm256_round_ps::<8>(x[1])] } }
    #[inline(always)] unsafe fn scale_by_power(x: Floats, n: Floats) -> Floats {
        unsafe {
            let bias = _mm256_set1_epi32(127);
            let low = _mm256_slli_epi32::<23>(_mm256_add_epi32(_mm256_cvtps_epi32(n[0]), bias));
            let high = _mm256_slli_epi32::<23>(_mm256_add_epi32(_mm256_cvtps_epi32(n[1]), bias));
            [_mm256_mul_ps(x[0], _mm256_castsi256_ps(low)), _mm256_mul_ps(x[1], _mm256_castsi256_ps(high))]
        }
    }
    #[inline(always)] unsafe fn sum(x: Floats) -> f32 { unsafe { sum_8(_mm256_add_ps(x[0], x[1])) } }
    #[inline(always)] unsafe fn largest(x: Floats) -> f32 { unsafe { largest_8(_mm256_max_ps(x[0], x[1])) } }

    #[inline(always)] unsafe fn splat_i32(x: i32) -> Words { unsafe { [_mm256_set1_epi32(x); 2] } }
    #[inline(always)] unsafe fn load_i32(from: *const i32) -> Words { unsafe { Self::load_bytes(from.cast()) } }
    #[inline(always)] unsafe fn store_i32(to: *mut i32, x: Words) { unsafe { Self::store_bytes(to.cast(), x) } }
    #[inline(always)] unsafe fn add_i32(a: Words, b: Words) -> Words { both!(_mm256_add_epi32(a, b)) }
    #[inline(always)] unsafe fn sub_i32(a: Words, b: Words) -> Words { both!(_mm256_sub_epi32(a, b)) }
    #[inline(always)] unsafe fn to_f32(x: Words) -> Floats { both!(_mm256_cvtepi32_ps(x)) }
    #[inline(always)] unsafe fn to_i32(x: Floats) -> Words { both!(_mm256_cvtps_epi32(x)) }
    #[inline(always)] unsafe fn sum_i32(x: Words) -> i32 {
        unsafe {
            let eight = _mm256_add_epi32(x[0], x[1]);
            let four = _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256::<1>(eight));
            let two = _mm_add_epi32(four, _mm_shuffle_epi32::<0b01_00_11_10>(four));
            _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32::<1>(two)))
        }
    }

    #[inline(always)] unsafe fn zero_bytes() -> Words { unsafe { [_mm256_setzero_si256(); 2] } }
    #[inline(always)] unsafe fn load_bytes(from: *const u8) -> Words { unsafe { [_mm256_loadu_si256(from.cast()), _mm256_loadu_si256(from.add(32).cast())] } }
    #[inline(always)] unsafe fn store_bytes(to: *mut u8, x: Words) { unsafe { _mm256_storeu_si256(to.cast(), x[0]); _mm256_storeu_si256(to.add(32).cast(), x[1]) } }
    #[inline(always)] unsafe fn splat_4(from: *const u8) -> Words { unsafe { [_mm256_set1_epi32(from.cast::<i32>().read_unaligned()); 2] } }
    #[inline(always)] unsafe fn dot_4(sum: Words, a: Words, b: Words) -> Words {
        unsafe { [dot_4_half::<VNNI>(sum[0], a[0], b[0]), dot_4_half::<VNNI>(sum[1], a[1], b[1])] }
    }

    #[inline(always)] unsafe fn max_i32(a: Words, b: Words) -> Words { both!(_mm256_max_epi32(a, b)) }
    #[inline(always)] unsafe fn largest_i32(x: Words) -> i32 {
        unsafe {
            let eight = _mm256_max_epi32(x[0], x[1]);
            let four = _mm_max_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256::<1>(eight));
            let two = _mm_max_epi32(four, _mm_shuffle_epi32::<0b01_00_11_10>(four));
            _mm_cvtsi128_si32(_mm_max_epi32(two, _mm_shuffle_epi32::<1>(two)))
        }
    }
    #[inline(always)] unsafe fn store_low_bytes(to: *mut u8, x: Words) {
        unsafe {
            let low = _mm256_set1_epi32(0xff);
            let words = _mm256_packus_epi32(_mm256_and_si256(x[0], low), _mm256_and_si256(x[1], low));
            // packing works by 128-bit lane: back into order between
            let words = _mm256_permute4x64_epi64::<0b11_01_10_00>(words);
            let bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words));
            _mm_storeu_si128(to.cast(), bytes)
        }
    }
    #[inline(always)] unsafe fn interleave_4(a: Words, b: Words, c: Words, d: Words) -> Words {
        unsafe { [interleave_half(a[0], b[0], c[0], d[0]), interleave_half(a[1], b[1], c[1], d[1])] }
    }
    #[inline(always)] unsafe fn bits(x: Floats) -> Words { unsafe { [_mm256_castps_si256(x[0]), _mm256_castps_si256(x[1])] } }
    #[inline(always)] unsafe fn dot_4_small(sum: Words, a: Words, b: Words) -> Words {
        unsafe { [small_half::<VNNI>(sum[0], a[0], b[0]), small_half::<VNNI>(sum[1], a[1], b[1])] }
    }
    #[inline(always)] unsafe fn add_to_exponent(x: Floats, n: Words) -> Floats {
        unsafe {
            [_mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(x[0]), _mm256_slli_epi32::<23>(n[0]))),
             _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(x[1]), _mm256_slli_epi32::<23>(n[1])))]
        }
    }
    #[inline(always)] unsafe fn pack_4(a: Words, b: Words, c: Words, d: Words) -> Words {
        unsafe {
            [_mm256_packus_epi16(_mm256_packs_epi32(a[0], b[0]), _mm256_packs_epi32(c[0], d[0])),
             _mm256_packus_epi16(_mm256_packs_epi32(a[1], b[1]), _mm256_packs_epi32(c[1], d[1]))]
        }
    }
    #[inline(always)] unsafe fn store_quarters(to: *mut u8, stride: usize, x: Words) {
        unsafe {
            _mm_storeu_si128(to.cast(), _mm256_castsi256_si128(x[0]));
            _mm_storeu_si128(to.add(stride).cast(), _mm256_extracti128_si256::<1>(x[0]));
            _mm_storeu_si128(to.add(2 * stride).cast(), _mm256_castsi256_si128(x[1]));
            _mm_storeu_si128(to.add(3 * stride).cast(), _mm256_extracti128_si256::<1>(x[1]));
        }
    }
    #[inline(always)] unsafe fn min_u8(a: Words, b: Words) -> Words { both!(_mm256_min_epu8(a, b)) }
}
