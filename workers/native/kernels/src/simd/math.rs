//! Elementary functions of sixteen lanes: polynomials, the same bits on every variant.

use super::Simd;

/// eˣ, relative error below 2⁻²² for −87 ≤ x ≤ 88; smaller arguments give 0, larger ones a huge number,
/// NaN gives NaN.
///
/// # Safety
/// As [`Simd`].
#[inline(always)]
pub unsafe fn exp<S: Simd>(x: S::F) -> S::F {
    // SAFETY: the caller's features.
    unsafe {
        // eˣ = 2ⁿ·eʳ with n = round(x / ln 2), r = x − n·ln 2 in two parts
        let limited = S::min(S::splat(88.0), S::max(S::splat(-87.3), x)); // NaN passes both
        let n = S::round(S::mul(limited, S::splat(std::f32::consts::LOG2_E)));
        let r = S::fma(n, S::splat(-0.693_359_4), limited);
        let r = S::fma(n, S::splat(2.121_944_4e-4), r);
        let mut p = S::splat(1.987_569_1e-4);
        for c in [
            1.398_199_9e-3,
            8.333_452e-3,
            4.166_579_6e-2,
            1.666_666_5e-1,
            0.5,
        ] {
            p = S::fma(p, r, S::splat(c));
        }
        let p = S::fma(S::mul(r, r), p, S::add(r, S::splat(1.0)));
        let y = S::scale_by_power(p, n);
        S::where_greater(S::splat(-87.3), x, S::splat(0.0), y)
    }
}
