//! Elementwise functions: close to f64, slopes by differences, in place or not.

use crate::training::testing::*;
use crate::training::*;
use crate::{Context, Result};

fn gelu64(x: f64) -> f64 {
    // Φ by its series (or its bound beyond 6): exact to 1e-9
    if x.abs() > 6.0 {
        return x.max(0.0);
    }
    let (mut term, mut sum, mut n) = (x, x, 1.0);
    while term.abs() > 1e-18 {
        term *= -x * x / (2.0 * n);
        sum += term / (2.0 * n + 1.0);
        n += 1.0;
    }
    x * (0.5 + sum / (2.0 * std::f64::consts::PI).sqrt())
}

fn gelu_tanh64(x: f64) -> f64 {
    let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3));
    0.5 * x * (1.0 + inner.tanh())
}

type Forward = fn(&Context, Option<&[f32]>, &mut [f32]) -> Result<()>;
type Backward = fn(&Context, Option<&[f32]>, &[f32], &mut [f32]) -> Result<()>;

struct Function {
    exact: fn(f64) -> f64,
    forward: Forward,
    backward: Backward,
    /// The gradient takes y instead of x.
    by_output: bool,
}

fn functions() -> [Function; 4] {
    let of = |exact, forward: Forward, backward: Backward, by_output| Function {
        exact,
        forward,
        backward,
        by_output,
    };
    [
        of(gelu64, gelu, gelu_gradient, false),
        of(gelu_tanh64, gelu_tanh, gelu_tanh_gradient, false),
        of(f64::tanh, tanh, tanh_gradient, true),
        of(|x| x.max(0.0), relu, relu_gradient, true),
    ]
}

#[test]
fn values_and_slopes_are_those_of_f64_and_the_same_everywhere() {
    for len in [1, 16, 17, 1000, 33_000] {
        let away_from_kink = |x: &f32| if x.abs() < 1e-3 { 0.01 } else { x * 1.3 };
        let x: Vec<f32> = random(len, 1).iter().map(away_from_kink).collect();
        let dy = random(len, 2);
        for function in functions() {
            let results = contexts().into_iter().map(|context| {
                let y =
                    within_canaries(len, |y| (function.forward)(&context, Some(&x), y).unwrap());
                let mut in_place = x.clone();
                (function.forward)(&context, None, &mut in_place).unwrap();
                same_bits(&in_place, &y);
                let at = if function.by_output { &y } else { &x };
                let dx = within_canaries(len, |dx| {
                    (function.backward)(&context, Some(&dy), at, dx).unwrap();
                });
                let mut in_place = dy.clone();
                (function.backward)(&context, None, at, &mut in_place).unwrap();
                same_bits(&in_place, &dx);
                [y, dx]
            });
            let results: Vec<[Vec<f32>; 2]> = results.collect();
            let [y, dx] = &results[0];
            let exact: Vec<f64> = wide(&x).into_iter().map(function.exact).collect();
            close(y, &exact, 1e-6, 1e-6);
            let slope = |x: f64| ((function.exact)(x + 1e-5) - (function.exact)(x - 1e-5)) / 2e-5;
            let exact: Vec<f64> = x
                .iter()
                .zip(&dy)
                .map(|(x, dy)| slope(f64::from(*x)) * f64::from(*dy))
                .collect();
            close(dx, &exact, 1e-5, 1e-5);
            for other in &results[1..] {
                same_bits(&other[0], y);
                same_bits(&other[1], dx);
            }
        }
    }
}

#[test]
fn values_at_the_ends_of_the_line() {
    let x = [
        f32::NAN,
        f32::INFINITY,
        50.0,
        -50.0,
        1e-40,
        -1e-40,
        0.0,
        -0.0,
    ];
    for context in contexts() {
        for function in functions() {
            let mut y = [0.0; 8];
            (function.forward)(&context, Some(&x), &mut y).unwrap();
            assert!(y[0].is_nan());
            assert_eq!(f64::from(y[1]), (function.exact)(f64::INFINITY));
            for at in 2..8 {
                let exact = (function.exact)(f64::from(x[at]));
                assert!(
                    (f64::from(y[at]) - exact).abs() <= 1e-5 * exact.abs() + 3e-6,
                    "{}",
                    y[at]
                );
            }
            let mut dx = [1.0; 8];
            (function.backward)(&context, None, &[50.0; 8], &mut dx).unwrap();
            assert!(dx.iter().all(|x| x.is_finite()));
        }
    }
}

#[test]
fn sums_of_two_arrays() {
    for context in contexts() {
        let (a, b) = (random(100, 1), random(100, 2));
        let mut y = [0.0; 100];
        add(&context, Some(&a), &b, &mut y).unwrap();
        let sum: Vec<f32> = a.iter().zip(&b).map(|(a, b)| a + b).collect();
        same_bits(&y, &sum);
        let mut in_place = a.clone();
        add(&context, None, &b, &mut in_place).unwrap();
        same_bits(&in_place, &sum);
        assert!(add(&context, Some(&a), &b[1..], &mut y).is_err());
        assert!(add(&context, Some(&a[1..]), &b, &mut y).is_err());
    }
}
