//! Against plain loops in f64 and finite differences.

use super::*;
use crate::Context;
use crate::training::dropout::Dropout;
use crate::training::testing::*;

const EPSILON: f32 = 1e-5;

/// y in f64 from s.
fn reference(s: &[f64], weight: &[f32], bias: &[f32]) -> Vec<f64> {
    let h = weight.len();
    let rows = s.chunks_exact(h).flat_map(|s| {
        let mean = s.iter().sum::<f64>() / h as f64;
        let variance = s.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / h as f64;
        let inverse = 1.0 / (variance + f64::from(EPSILON)).sqrt();
        let scaled = move |(k, s): (usize, &f64)| {
            (s - mean) * inverse * f64::from(weight[k]) + f64::from(bias[k])
        };
        s.iter().enumerate().map(scaled).collect::<Vec<f64>>()
    });
    rows.collect()
}

/// residual + dropout(x)
fn summed(x: &[f64], residual: Option<&[f32]>, dropout: Dropout) -> Vec<f64> {
    let one = |(at, x): (usize, &f64)| {
        x * f64::from(dropout.factor(at as u32)) + residual.map_or(0.0, |r| f64::from(r[at]))
    };
    x.iter().enumerate().map(one).collect()
}

struct Case {
    x: Vec<f32>,
    residual: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    dy: Vec<f32>,
    dropout: Dropout,
    tokens: usize,
    hidden: usize,
}

fn case(tokens: usize, hidden: usize, rate: f64) -> Case {
    let size = tokens * hidden;
    Case {
        x: random(size, 1),
        residual: random(size, 2),
        weight: random(hidden, 3),
        bias: random(hidden, 4),
        dy: random(size, 5),
        dropout: Dropout::new(7, rate).unwrap(),
        tokens,
        hidden,
    }
}

struct Outputs {
    normalised: Vec<f32>,
    inverse: Vec<f32>,
    y: Vec<f32>,
}

impl Case {
    fn forward(&self, context: &Context, residual: Option<&[f32]>) -> Outputs {
        let (size, mut inverse) = (self.x.len(), vec![0.0; self.tokens]);
        let mut normalised = vec![0.0; size];
        let y = within_canaries(size, |y| {
            let (kept, scale) = (Some(&mut normalised[..]), Some(&mut inverse[..]));
            let Self {
                x,
                weight,
                bias,
                dropout,
                tokens,
                hidden,
                ..
            } = self;
            layer_norm(
                context, x, residual, *dropout, weight, bias, EPSILON, kept, scale, y, *tokens,
                *hidden,
            )
            .unwrap();
        });
        Outputs {
            normalised,
            inverse,
            y,
        }
    }

    /// dSum, dx, dWeight, dBias
    fn backward(&self, context: &Context, kept: &Outputs) -> [Vec<f32>; 4] {
        let (size, h) = (self.x.len(), self.hidden);
        let (mut dx, mut d_weight, mut d_bias) = (vec![0.0; size], vec![9.0; h], vec![9.0; h]);
        let d_sum = within_canaries(size, |d_sum| {
            layer_norm_gradient(
                context,
                &self.dy,
                &kept.normalised,
                &kept.inverse,
                &self.weight,
                self.dropout,
                d_sum,
                Some(&mut dx),
                &mut d_weight,
                &mut d_bias,
                self.tokens,
                h,
            )
            .unwrap();
        });
        [d_sum, dx, d_weight, d_bias]
    }

    /// Σ dy·y as a function of x.
    fn value(&self, x: &[f64]) -> f64 {
        let s = summed(x, Some(&self.residual), self.dropout);
        weighted(&reference(&s, &self.weight, &self.bias), &self.dy)
    }
}

const SHAPES: [(usize, usize); 9] = [
    (1, 1),
    (1, 15),
    (3, 16),
    (2, 17),
    (17, 64),
    (33, 80),
    (64, 383),
    (2100, 33),
    (5, 1000),
];

#[test]
fn forward_is_that_of_f64_and_the_same_everywhere() {
    for (tokens, hidden) in SHAPES {
        for rate in [0.0, 0.3] {
            let case = case(tokens, hidden, rate);
            for residual in [None, Some(&case.residual[..])] {
                let s = summed(&wide(&case.x), residual, case.dropout);
                let expected = reference(&s, &case.weight, &case.bias);
                let all: Vec<Outputs> = contexts()
                    .iter()
                    .map(|context| case.forward(context, residual))
                    .collect();
                close(&all[0].y, &expected, 2e-4, 1e-4);
                for other in &all[1..] {
                    same_bits(&other.y, &all[0].y);
                    same_bits(&other.normalised, &all[0].normalised);
                    same_bits(&other.inverse, &all[0].inverse);
                }
            }
        }
    }
}

#[test]
fn the_gradient_agrees_with_finite_differences_and_is_the_same_everywhere() {
    for (tokens, hidden) in SHAPES.into_iter().skip(1) {
        let case = case(tokens, hidden, 0.2);
        let kept = case.forward(&contexts()[0], Some(&case.residual));
        let all: Vec<[Vec<f32>; 4]> = contexts()
            .iter()
            .map(|context| case.backward(context, &kept))
            .collect();
        for other in &all[1..] {
            for (found, expected) in other.iter().zip(&all[0]) {
                same_bits(found, expected);
            }
        }
        let [d_sum, dx, d_weight, d_bias] = &all[0];
        let places: Vec<usize> = (0..case.x.len()).step_by(case.x.len() / 20 + 1).collect();
        for (place, slope) in differences(&case.x, &places, 1e-4, |x| case.value(x)) {
            let found = f64::from(dx[place]);
            assert!(
                (found - slope).abs() < 2e-3 + 1e-3 * slope.abs(),
                "{found}, not {slope}"
            );
            let factor = case.dropout.factor(place as u32);
            assert_eq!(dx[place].to_bits(), (d_sum[place] * factor).to_bits());
        }
        for k in 0..hidden {
            let column = (0..tokens).map(|t| t * hidden + k);
            let exact = column.clone().map(|at| f64::from(case.dy[at])).sum::<f64>();
            assert!((f64::from(d_bias[k]) - exact).abs() < 1e-3, "{exact}");
            let product = |at| f64::from(case.dy[at]) * f64::from(kept.normalised[at]);
            let exact = column.map(product).sum::<f64>();
            assert!((f64::from(d_weight[k]) - exact).abs() < 1e-3, "{exact}");
        }
    }
}

#[test]
fn outputs_that_are_not_wanted_change_no_other() {
    let case = case(20, 50, 0.1);
    for context in contexts() {
        let kept = case.forward(&context, None);
        let mut y = vec![0.0; 1000];
        let Case {
            x,
            weight,
            bias,
            dropout,
            ..
        } = &case;
        layer_norm(
            &context, x, None, *dropout, weight, bias, EPSILON, None, None, &mut y, 20, 50,
        )
        .unwrap();
        same_bits(&y, &kept.y);
        let [d_sum, _, d_weight, d_bias] = case.backward(&context, &kept);
        let (mut found, mut w, mut b) = (vec![0.0; 1000], vec![0.0; 50], vec![0.0; 50]);
        let Outputs {
            normalised,
            inverse,
            ..
        } = &kept;
        layer_norm_gradient(
            &context, &case.dy, normalised, inverse, weight, *dropout, &mut found, None, &mut w,
            &mut b, 20, 50,
        )
        .unwrap();
        for (found, expected) in [(found, d_sum), (w, d_weight), (b, d_bias)] {
            same_bits(&found, &expected);
        }
    }
}

#[test]
fn constant_tiny_and_broken_rows() {
    let mut case = case(6, 40, 0.0);
    case.x[..40].fill(3.0);
    case.x[40..80].iter_mut().for_each(|x| *x *= 1e-40); // denormal
    case.x[85] = f32::NAN;
    case.x[130] = f32::INFINITY;
    for context in contexts() {
        let Outputs { y, inverse, .. } = case.forward(&context, None);
        same_bits(&y[..40], &case.bias);
        assert!(inverse[0].is_finite());
        close(&y[40..80], &wide(&case.bias), 1e-30, 1e-6);
        assert!(y[80..160].iter().all(|y| y.is_nan()));
        assert!(y[160..].iter().all(|y| y.is_finite()));
    }
}

#[test]
fn lengths_that_do_not_fit_are_refused_by_name() {
    let context = &contexts()[0];
    let values = [1.0; 12];
    let (weight, bias, x) = (&values[..4], &values[..4], &values[..12]);
    let mut y = [0.0; 12];
    let none = Dropout::NONE;
    let mut refusal = |x: &[f32], weight: &[f32], tokens: usize, inverse: &mut [f32]| {
        layer_norm(
            context,
            x,
            None,
            none,
            weight,
            bias,
            EPSILON,
            None,
            Some(inverse),
            &mut y,
            tokens,
            4,
        )
        .unwrap_err()
        .to_string()
    };
    assert!(refusal(&x[..11], weight, 3, &mut [0.0; 3]).starts_with("x has 11"));
    assert!(refusal(x, &weight[..3], 3, &mut [0.0; 3]).starts_with("weight has 3"));
    assert!(refusal(x, weight, 3, &mut [0.0; 2]).starts_with("inverse has 2"));
    assert!(refusal(x, weight, 0, &mut []).starts_with("0 tokens"));
    assert!(refusal(x, weight, usize::MAX, &mut []).contains("tokens"));
}
