//! Sixteen lanes in one 512-bit register.

use std::arch::x86_64::*;

use super::Simd;
use crate::variant::Variant;

#[derive(Clone, Copy)]
pub struct Avx512;

#[inline(always)]
fn first(count: usize) -> __mmask16 {
    debug_assert!(count <= 16);
    ((1u32 << count) - 1) as __mmask16
}

// SAFETY: each operation is one of this variant's instructions on whole vectors; masked ones touch the
// first `count` elements alone.
#[rustfmt::skip]
#[allow(clippy::undocumented_unsafe_blocks)] // one reason for all of them, above
unsafe impl Simd for Avx512 {
    const VARIANT: Variant = Variant::Avx512Vnni;
    const REGISTERS: usize = 32;

    type F = __m512;
    type I = __m512i;
    type B = __m512i;

    #[inline(always)] unsafe fn splat(x: f32) -> __m512 { unsafe { _mm512_set1_ps(x) } }
    #[inline(always)] unsafe fn load(from: *const f32) -> __m512 { unsafe { _mm512_loadu_ps(from) } }
    #[inline(always)] unsafe fn store(to: *mut f32, x: __m512) { unsafe { _mm512_storeu_ps(to, x) } }
    #[inline(always)] unsafe fn load_first(from: *const f32, count: usize) -> __m512 { unsafe { _mm512_maskz_loadu_ps(first(count), from) } }
    #[inline(always)] unsafe fn store_first(to: *mut f32, x: __m512, count: usize) { unsafe { _mm512_mask_storeu_ps(to, first(count), x) } }
    #[inline(always)] unsafe fn add(a: __m512, b: __m512) -> __m512 { unsafe { _mm512_add_ps(a, b) } }
    #[inline(always)] unsafe fn sub(a: __m512, b: __m512) -> __m512 { unsafe { _mm512_sub_ps(a, b) } }
    #[inline(always)] unsafe fn mul(a: __m512, b: __m512) -> __m512 { unsafe { _mm512_mul_ps(a, b) } }
    #[inline(always)] unsafe fn div(a: __m512, b: __m512) -> __m512 { unsafe { _mm512_div_ps(a, b) } }
    #[inline(always)] unsafe fn sqrt(x: __m512) -> __m512 { unsafe { _mm512_sqrt_ps(x) } }
    #[inline(always)] unsafe fn fma(a: __m512, b: __m512, c: __m512) -> __m512 { unsafe { _mm512_fmadd_ps(a, b, c) } }
    #[inline(always)] unsafe fn max(a: __m512, b: __m512) -> __m512 { unsafe { _mm512_max_ps(a, b) } }
    #[inline(always)] unsafe fn min(a: __m512, b: __m512) -> __m512 { unsafe { _mm512_min_ps(a, b) } }
    #[inline(always)] unsafe fn abs(x: __m512) -> __m512 { unsafe { _mm512_abs_ps(x) } }
    #[inline(always)] unsafe fn copy_sign(a: __m512, b: __m512) -> __m512 {
        unsafe {
            let sign = _mm512_set1_epi32(i32::MIN);
            let (a, b) = (_mm512_castps_si512(a), _mm512_castps_si512(b));
            _mm512_castsi512_ps(_mm512_or_si512(_mm512_andnot_si512(sign, a), _mm512_and_si512(sign, b)))
        }
    }
    #[inline(always)] unsafe fn clamp_magnitude(x: __m512, limit: __m512) -> __m512 {
        // smaller magnitude, sign of the first
        unsafe { _mm512_range_ps::<0b0010>(x, limit) }
    }
    #[inline(always)] unsafe fn sign(x: __m512) -> __m512 {
        // an answer of four bits for each class: x > 0, x < 0, ∞, −∞, 1, 0, NaNs
        unsafe { _mm512_fixupimm_ps::<0>(x, x, _mm512_set1_epi32(0xa9a9_a822_u32 as i32)) }
    }
    #[inline(always)] unsafe fn where_greater(a: __m512, b: __m512, x: __m512, y: __m512) -> __m512 {
        unsafe { _mm512_mask_blend_ps(_mm512_cmp_ps_mask::<_CMP_GT_OQ>(a, b), y, x) }
    }
    #[inline(always)] unsafe fn round(x: __m512) -> __m512 { unsafe { _mm512_roundscale_ps::<8>(x) } }
    #[inline(always)] unsafe fn scale_by_power(x: __m512, n: __m512) -> __m512 {
        unsafe {
            let bits = _mm512_slli_epi32::<23>(_mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127)));
            _mm512_mul_ps(x, _mm512_castsi512_ps(bits))
        }
    }
    #[inline(always)] unsafe fn transpose(x: [__m512; 16]) -> [__m512; 16] {
        unsafe {
            // 4 × 4 within quarters, then quarters
            let mut y = x;
            for at in (0..16).step_by(4) {
                let pairs = [_mm512_unpacklo_ps(x[at], x[at + 1]), _mm512_unpackhi_ps(x[at], x[at + 1]),
                             _mm512_unpacklo_ps(x[at + 2], x[at + 3]), _mm512_unpackhi_ps(x[at + 2], x[at + 3])];
                let [a, b, c, d] = pairs.map(|pair| _mm512_castps_pd(pair));
                y[at] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, c));
                y[at + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, c));
                y[at + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(b, d));
                y[at + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(b, d));
            }
            let mut z = y;
            for at in 0..4 {
                let even = [_mm512_shuffle_f32x4::<0x88>(y[at], y[at + 4]), _mm512_shuffle_f32x4::<0x88>(y[at + 8], y[at + 12])];
                let odd = [_mm512_shuffle_f32x4::<0xdd>(y[at], y[at + 4]), _mm512_shuffle_f32x4::<0xdd>(y[at + 8], y[at + 12])];
                z[at] = _mm512_shuffle_f32x4::<0x88>(even[0], even[1]);
                z[at + 4] = _mm512_shuffle_f32x4::<0x88>(odd[0], odd[1]);
                z[at + 8] = _mm512_shuffle_f32x4::<0xdd>(even[0], even[1]);
                z[at + 12] = _mm512_shuffle_f32x4::<0xdd>(odd[0], odd[1]);
            }
            z
        }
    }
    #[inline(always)] unsafe fn sum(x: __m512) -> f32 {
        unsafe {
            let half = _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps::<1>(x));
            super::avx2::sum_8(half)
        }
    }
    #[inline(always)] unsafe fn largest(x: __m512) -> f32 {
        unsafe {
            let half = _mm256_max_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps::<1>(x));
            super::avx2::largest_8(half)
        }
    }

    #[inline(always)] unsafe fn splat_i32(x: i32) -> __m512i { unsafe { _mm512_set1_epi32(x) } }
    #[inline(always)] unsafe fn load_i32(from: *const i32) -> __m512i { unsafe { _mm512_loadu_si512(from.cast()) } }
    #[inline(always)] unsafe fn store_i32(to: *mut i32, x: __m512i) { unsafe { _mm512_storeu_si512(to.cast(), x) } }
    #[inline(always)] unsafe fn add_i32(a: __m512i, b: __m512i) -> __m512i { unsafe { _mm512_add_epi32(a, b) } }
    #[inline(always)] unsafe fn sub_i32(a: __m512i, b: __m512i) -> __m512i { unsafe { _mm512_sub_epi32(a, b) } }
    #[inline(always)] unsafe fn to_f32(x: __m512i) -> __m512 { unsafe { _mm512_cvtepi32_ps(x) } }
    #[inline(always)] unsafe fn to_i32(x: __m512) -> __m512i { unsafe { _mm512_cvtps_epi32(x) } }
    #[inline(always)] unsafe fn sum_i32(x: __m512i) -> i32 { unsafe { _mm512_reduce_add_epi32(x) } }

    #[inline(always)] unsafe fn zero_bytes() -> __m512i { unsafe { _mm512_setzero_si512() } }
    #[inline(always)] unsafe fn load_bytes(from: *const u8) -> __m512i { unsafe { _mm512_loadu_si512(from.cast()) } }
    #[inline(always)] unsafe fn store_bytes(to: *mut u8, x: __m512i) { unsafe { _mm512_storeu_si512(to.cast(), x) } }
    #[inline(always)] unsafe fn splat_4(from: *const u8) -> __m512i { unsafe { _mm512_set1_epi32(from.cast::<i32>().read_unaligned()) } }
    #[inline(always)] unsafe fn dot_4(sum: __m512i, a: __m512i, b: __m512i) -> __m512i { unsafe { _mm512_dpbusd_epi32(sum, a, b) } }

    #[inline(always)] unsafe fn max_i32(a: __m512i, b: __m512i) -> __m512i { unsafe { _mm512_max_epi32(a, b) } }
    #[inline(always)] unsafe fn largest_i32(x: __m512i) -> i32 { unsafe { _mm512_reduce_max_epi32(x) } }
    #[inline(always)] unsafe fn store_low_bytes(to: *mut u8, x: __m512i) { unsafe { _mm_storeu_si128(to.cast(), _mm512_cvtepi32_epi8(x)) } }
    #[inline(always)] unsafe fn interleave_4(a: __m512i, b: __m512i, c: __m512i, d: __m512i) -> __m512i {
        unsafe {
            let low = _mm512_set1_epi32(0xff);
            // a | b << 8 with a's lowest byte alone; the same for c and d in the upper half
            let ab = _mm512_ternarylogic_epi32::<0xd8>(_mm512_slli_epi32::<8>(b), a, low);
            let cd = _mm512_ternarylogic_epi32::<0xd8>(_mm512_slli_epi32::<8>(d), c, low);
            _mm512_mask_blend_epi16(0xaaaa_aaaa, ab, _mm512_slli_epi32::<16>(cd))
        }
    }
    #[inline(always)] unsafe fn bits(x: __m512) -> __m512i { unsafe { _mm512_castps_si512(x) } }
    #[inline(always)] unsafe fn dot_4_small(sum: __m512i, a: __m512i, b: __m512i) -> __m512i { unsafe { _mm512_dpbusd_epi32(sum, a, b) } }
    #[inline(always)] unsafe fn add_to_exponent(x: __m512, n: __m512i) -> __m512 {
        unsafe { _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(x), _mm512_slli_epi32::<23>(n))) }
    }
    #[inline(always)] unsafe fn pack_4(a: __m512i, b: __m512i, c: __m512i, d: __m512i) -> __m512i {
        unsafe { _mm512_packus_epi16(_mm512_packs_epi32(a, b), _mm512_packs_epi32(c, d)) }
    }
    #[inline(always)] unsafe fn store_quarters(to: *mut u8, stride: usize, x: __m512i) {
        unsafe {
            _mm_storeu_si128(to.cast(), _mm512_castsi512_si128(x));
            _mm_storeu_si128(to.add(stride).cast(), _mm512_extracti32x4_epi32::<1>(x));
            _mm_storeu_si128(to.add(2 * stride).cast(), _mm512_extracti32x4_epi32::<2>(x));
            _mm_storeu_si128(to.add(3 * stride).cast(), _mm512_extracti32x4_epi32::<3>(x));
        }
    }
    #[inline(always)] unsafe fn min_u8(a: __m512i, b: __m512i) -> __m512i { unsafe { _mm512_min_epu8(a, b) } }
}
