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

/// The error function, absolute error below 1.2e-7 on the whole line; odd, ±∞ give ±1, NaN gives NaN.
///
/// # Safety
/// As [`Simd`].
#[inline(always)]
pub unsafe fn erf<S: Simd>(x: S::F) -> S::F {
    // SAFETY: the caller's features.
    unsafe {
        // minimax polynomials by Norbert Juffa: x + x·P(x²) near 0, 1 − exp(−t + t·Q(t)) of t = |x| beyond
        let (t, square) = (S::abs(x), S::mul(x, x));
        let near = polynomial::<S, 6>(
            square,
            [
                -5.967_617e-4,
                4.991_194_2e-3,
                -2.676_813_5e-2,
                1.128_199_3e-1,
                -3.761_253_4e-1,
                1.283_791_7e-1,
            ],
        );
        let far = polynomial::<S, 7>(
            t,
            [
                -1.728_534_7e-5,
                3.831_971_3e-4,
                -3.883_964_4e-3,
                2.425_462_2e-2,
                -1.067_778_8e-1,
                -6.348_467e-1,
                -1.287_175_1e-1,
            ],
        );
        let one = S::splat(1.0);
        let far = S::sub(one, exp::<S>(S::sub(S::mul(far, t), t)));
        let far = S::copy_sign(far, x);
        S::where_greater(t, S::splat(0.927_734_4), far, S::fma(near, x, x))
    }
}

/// The hyperbolic tangent, relative error below 5e-7; odd, ±∞ give ±1, NaN gives NaN.
///
/// # Safety
/// As [`Simd`].
#[inline(always)]
pub unsafe fn tanh<S: Simd>(x: S::F) -> S::F {
    // SAFETY: the caller's features.
    unsafe {
        // x·(P(x²)/Q(x²)), the rational minimax approximation that Eigen and XLA use
        let t = S::mul(x, x);
        let p = polynomial::<S, 7>(
            t,
            [
                -2.760_768_5e-16,
                2.000_188e-13,
                -8.604_672e-11,
                5.122_297e-8,
                1.485_722_4e-5,
                6.372_619_3e-4,
                4.893_524_6e-3,
            ],
        );
        let q = polynomial::<S, 4>(
            t,
            [1.198_258_4e-6, 1.185_347_1e-4, 2.268_434_6e-3, 4.893_525e-3],
        );
        let one = S::splat(1.0);
        let y = S::min(one, S::max(S::splat(-1.0), S::mul(x, S::div(p, q))));
        S::where_greater(S::abs(x), S::splat(7.9), S::copy_sign(one, x), y)
    }
}

/// Coefficients from the highest power down.
///
/// # Safety
/// As [`Simd`].
#[inline(always)]
pub unsafe fn polynomial<S: Simd, const N: usize>(x: S::F, coefficients: [f32; N]) -> S::F {
    // SAFETY: the caller's features.
    unsafe {
        let mut sum = S::splat(coefficients[0]);
        for c in &coefficients[1..] {
            sum = S::fma(sum, x, S::splat(*c));
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Kernel, dispatch};
    use super::{Simd, erf, tanh};
    use crate::variant::Variant;

    enum Function {
        Erf,
        Tanh,
    }

    struct Apply<'a>(Function, &'a mut [f32]);

    impl Kernel for Apply<'_> {
        type Output = ();

        #[inline(always)]
        unsafe fn run<S: Simd>(self) {
            for chunk in self.1.chunks_exact_mut(16) {
                // SAFETY: a chunk of sixteen.
                unsafe {
                    let x = S::load(chunk.as_ptr());
                    let y = match self.0 {
                        Function::Erf => erf::<S>(x),
                        Function::Tanh => tanh::<S>(x),
                    };
                    S::store(chunk.as_mut_ptr(), y);
                }
            }
        }
    }

    fn applied(function: Function, xs: &[f32]) -> Vec<f32> {
        let mut ys = xs.to_vec();
        dispatch(Variant::detect(), Apply(function, &mut ys));
        ys
    }

    /// Its series, which converges everywhere and is exact to 1e-8 below 4.
    fn exact_erf(x: f64) -> f64 {
        if x.abs() > 4.0 {
            return x.signum();
        }
        let (mut term, mut sum, mut n) = (x, x, 1.0);
        while term.abs() > 1e-17 {
            term *= -x * x / n;
            sum += term / (2.0 * n + 1.0);
            n += 1.0;
        }
        sum * 2.0 / std::f64::consts::PI.sqrt()
    }

    #[test]
    fn erf_and_tanh_are_close_to_their_f64_values() {
        let dense = (0..16 * 8192).map(|at| (at - 16 * 4096) as f32 / 6000.0);
        let small = (0..160).map(|at| 2f32.powi(-at) * if at % 2 == 0 { 1.1 } else { -1.7 });
        let xs: Vec<f32> = dense.chain(small).collect();
        for (x, y) in xs.iter().zip(applied(Function::Erf, &xs)) {
            let error = (f64::from(y) - exact_erf(f64::from(*x))).abs();
            assert!(error < 1.2e-7, "erf({x}) = {y}, off by {error}");
        }
        for (x, y) in xs.iter().zip(applied(Function::Tanh, &xs)) {
            let exact = f64::from(*x).tanh();
            let error = (f64::from(y) - exact).abs();
            let allowed = 5e-7 * exact.abs() + 1e-44;
            assert!(error <= allowed, "tanh({x}) = {y}, not {exact}");
        }
    }

    #[test]
    fn erf_and_tanh_at_the_ends_of_the_line() {
        let mut xs = [0.0f32; 16];
        xs[..6].copy_from_slice(&[
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::NAN,
            1e30,
            -1e30,
            -0.0,
        ]);
        for function in [Function::Erf, Function::Tanh] {
            let ys = applied(function, &xs);
            assert_eq!([ys[0], ys[1], ys[3], ys[4]], [1.0, -1.0, 1.0, -1.0]);
            assert!(ys[2].is_nan());
            assert_eq!((ys[5].to_bits(), ys[6].to_bits()), ((-0.0f32).to_bits(), 0));
        }
    }
}
