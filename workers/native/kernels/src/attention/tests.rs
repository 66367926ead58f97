//! Kernels against the oracle, each other and themselves.

mod oracle;

use super::*;
use crate::context::Context;
use crate::training::Dropout;
use crate::training::testing::{close, contexts, random, same_bits, wide, within_canaries};
use oracle::{Oracle, Settings};

/// Shapes of one to three sequences of different lengths.
const SHAPES: [(usize, usize, usize, &[i32]); 12] = [
    // tokens, heads, features, lengths
    (1, 1, 16, &[1]),
    (1, 3, 1, &[1, 0]),
    (2, 2, 5, &[2, 1]),
    (7, 2, 16, &[7, 3, 0]),
    (15, 1, 33, &[15, 14]),
    (17, 2, 32, &[17, 16]),
    (27, 3, 32, &[27, 5]),
    (64, 2, 64, &[64, 63]),
    (65, 1, 80, &[65, 33]),
    (130, 1, 128, &[130]),
    (257, 1, 24, &[257]),
    (600, 1, 32, &[599]),
];

struct Case {
    shape: Shape,
    lengths: Vec<i32>,
    projected: Vec<f32>,
    /// ∂context
    g: Vec<f32>,
}

fn case((tokens, heads, features, lengths): (usize, usize, usize, &[i32]), seed: u64) -> Case {
    let shape = Shape {
        batch: lengths.len(),
        tokens,
        heads,
        features,
    };
    let values = shape.values(1).unwrap();
    Case {
        shape,
        lengths: lengths.to_vec(),
        projected: random(3 * values, seed),
        g: random(values, seed + 1),
    }
}

fn settings(case: &Case) -> Vec<Settings> {
    let heads = case.shape.heads;
    let per_head = |from: f32| (0..heads).map(|h| from + 0.1 * h as f32).collect();
    let one = Settings {
        alpha: vec![0.4],
        beta: vec![1.25],
        gamma: vec![0.7],
        normalise: true,
        center_over_all: false,
        key_dropout: Dropout::NONE,
    };
    let each = Settings {
        alpha: per_head(0.2),
        beta: per_head(-0.8),
        gamma: per_head(0.3),
        normalise: false,
        center_over_all: true,
        key_dropout: Dropout::new(7, 0.3).unwrap(),
    };
    vec![one, each]
}

fn inhibitor(context: &Context, case: &Case, settings: &Settings) -> Vec<f32> {
    within_canaries(case.projected.len() / 3, |output| {
        let inhibitor = settings.inhibitor();
        let Case {
            shape,
            projected,
            lengths,
            ..
        } = case;
        inhibitor_attention(context, *shape, &inhibitor, projected, lengths, output).unwrap();
    })
}

fn inhibitor_gradient(
    context: &Context,
    case: &Case,
    settings: &Settings,
    mode: QkGradient,
) -> (Vec<f32>, [Vec<f32>; 3]) {
    let mut scalars =
        [&settings.alpha, &settings.beta, &settings.gamma].map(|x| vec![9.0; x.len()]);
    let gradient = within_canaries(case.projected.len(), |output| {
        let [a, b, c] = &mut scalars;
        inhibitor_attention_gradient(
            context,
            case.shape,
            &settings.inhibitor(),
            mode,
            &case.projected,
            &case.lengths,
            &case.g,
            output,
            [a, b, c],
        )
        .unwrap();
    });
    (gradient, scalars)
}

/// Context and logarithms of sums.
fn dot(context: &Context, case: &Case) -> [Vec<f32>; 2] {
    let mut log_sums = vec![];
    let output = within_canaries(case.projected.len() / 3, |output| {
        log_sums = within_canaries(case.shape.items() * case.shape.tokens, |log_sums| {
            let Case {
                shape,
                projected,
                lengths,
                ..
            } = case;
            dot_attention(context, *shape, projected, lengths, output, Some(log_sums)).unwrap();
        });
    });
    [output, log_sums]
}

fn dot_gradient(context: &Context, case: &Case) -> Vec<f32> {
    let [output, log_sums] = dot(context, case);
    within_canaries(case.projected.len(), |gradient| {
        dot_attention_gradient(
            context,
            case.shape,
            &case.projected,
            &case.lengths,
            &output,
            &log_sums,
            &case.g,
            gradient,
        )
        .unwrap();
    })
}

/// The length of found − expected against that of expected; what is doubtful may be missing.
#[track_caller]
fn close_together(found: &[f32], expected: &[f64], doubtful: f64) {
    let error = found
        .iter()
        .zip(expected)
        .map(|(a, b)| (f64::from(*a) - b).powi(2));
    let (error, size) = (
        error.sum::<f64>(),
        expected.iter().map(|b| b * b).sum::<f64>(),
    );
    let limit = 2e-5 * size.sqrt() + 4.0 * doubtful + 1e-6;
    assert!(error.sqrt() <= limit, "{} of {}", error.sqrt(), size.sqrt());
}

#[test]
fn forward_is_the_oracle() {
    let context = Context::new(crate::Variant::detect(), 1).unwrap();
    for (seed, shape) in SHAPES.into_iter().enumerate() {
        let case = case(shape, seed as u64);
        let projected = wide(&case.projected);
        let oracle = Oracle {
            shape: case.shape,
            lengths: &case.lengths,
            projected: &projected,
        };
        close(&dot(&context, &case)[0], &oracle.dot(), 2e-6, 1e-5);
        for settings in settings(&case) {
            let tolerance = if settings.normalise {
                4e-6
            } else {
                4e-6 * f64::from(shape.3[0])
            };
            let expected = oracle.inhibitor(&settings);
            close(
                &inhibitor(&context, &case, &settings),
                &expected,
                tolerance,
                1e-5,
            );
        }
    }
}

#[test]
fn gradients_are_the_oracle() {
    let context = Context::new(crate::Variant::detect(), 1).unwrap();
    for (seed, shape) in SHAPES.into_iter().enumerate() {
        let case = case(shape, seed as u64);
        let (projected, g) = (wide(&case.projected), wide(&case.g));
        let oracle = Oracle {
            shape: case.shape,
            lengths: &case.lengths,
            projected: &projected,
        };
        close(
            &dot_gradient(&context, &case),
            &oracle.dot_gradient(&g),
            2e-5,
            2e-5,
        );
        for settings in settings(&case) {
            for mode in [QkGradient::Sign, QkGradient::Clamp, QkGradient::Difference] {
                let (found, scalars) = inhibitor_gradient(&context, &case, &settings, mode);
                let (expected, mut heads, doubtful) =
                    oracle.inhibitor_gradient(&settings, mode, &g);
                close_together(&found, &expected, doubtful);
                for (found, expected) in scalars.iter().zip(&mut heads) {
                    if found.len() == 1 {
                        *expected = vec![expected.iter().sum()];
                    }
                    close_together(found, expected, doubtful);
                }
            }
        }
    }
}
