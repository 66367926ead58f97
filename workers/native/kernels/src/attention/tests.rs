//! Kernels against the oracle, each other and themselves.

mod bits;
mod edges;
mod oracle;

use super::*;
use crate::context::Context;
use crate::training::Dropout;
use crate::training::testing::{
    close, contexts, differences, random, same_bits, weighted, wide, within_canaries,
};
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

fn fastest() -> Context {
    Context::new(crate::Variant::detect(), 1).unwrap()
}

fn oracle<'a>(case: &'a Case, projected: &'a [f64]) -> Oracle<'a> {
    Oracle {
        shape: case.shape,
        lengths: &case.lengths,
        projected,
    }
}

const MODES: [QkGradient; 3] = [QkGradient::Sign, QkGradient::Clamp, QkGradient::Difference];

#[test]
fn forward_is_the_oracle() {
    for (seed, shape) in SHAPES.into_iter().enumerate() {
        let case = case(shape, seed as u64);
        let projected = wide(&case.projected);
        let oracle = oracle(&case, &projected);
        close(&dot(&fastest(), &case)[0], &oracle.dot(), 2e-6, 1e-5);
        for settings in settings(&case) {
            let keys = if settings.normalise {
                1.0
            } else {
                f64::from(shape.3[0])
            };
            let expected = oracle.inhibitor(&settings);
            close(
                &inhibitor(&fastest(), &case, &settings),
                &expected,
                4e-6 * keys,
                1e-5,
            );
        }
    }
}

#[test]
fn gradients_are_the_oracle() {
    for (seed, shape) in SHAPES.into_iter().enumerate() {
        let case = case(shape, seed as u64);
        let (projected, g) = (wide(&case.projected), wide(&case.g));
        let oracle = oracle(&case, &projected);
        close(
            &dot_gradient(&fastest(), &case),
            &oracle.dot_gradient(&g),
            2e-5,
            2e-5,
        );
        // large cases once each: the oracle takes its time
        let all = settings(&case).into_iter().zip(MODES);
        let crossed = settings(&case)
            .into_iter()
            .rev()
            .zip(MODES.into_iter().rev());
        let some = if shape.0 < 100 { usize::MAX } else { 2 };
        for (settings, mode) in all.chain(crossed).take(some) {
            let (found, scalars) = inhibitor_gradient(&fastest(), &case, &settings, mode);
            let (expected, mut heads, doubtful) = oracle.inhibitor_gradient(&settings, mode, &g);
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

#[test]
fn the_oracles_gradients_are_differences_of_the_oracles() {
    let case = case((6, 2, 5, &[6, 4]), 40);
    let (projected, g) = (wide(&case.projected), wide(&case.g));
    let loss = |output: Vec<f64>| weighted(&output, &case.g);
    let places: Vec<usize> = (0..projected.len()).collect();
    let found = oracle(&case, &projected).dot_gradient(&g);
    let slopes = differences(&case.projected, &places, 1e-6, |x| {
        loss(oracle(&case, x).dot())
    });
    for (at, slope) in slopes {
        assert!(
            (found[at] - slope).abs() < 1e-7,
            "{} at {at}, not {slope}",
            found[at]
        );
    }
    for settings in settings(&case) {
        let forward = |x: &[f64], settings: &Settings| loss(oracle(&case, x).inhibitor(settings));
        let (found, scalars, _) =
            oracle(&case, &projected).inhibitor_gradient(&settings, QkGradient::Sign, &g);
        let slopes = differences(&case.projected, &places, 1e-6, |x| forward(x, &settings));
        for (at, slope) in slopes {
            assert!(
                (found[at] - slope).abs() < 1e-6,
                "{} at {at}, not {slope}",
                found[at]
            );
        }
        // one scalar at a time; f32 ones move by 2⁻¹⁴
        type Field = fn(&mut Settings) -> &mut Vec<f32>;
        let fields: [Field; 3] = [|s| &mut s.alpha, |s| &mut s.beta, |s| &mut s.gamma];
        for (field, found) in fields.into_iter().zip(scalars) {
            let moved = |by: f32| {
                let mut settings = settings.clone();
                field(&mut settings).iter_mut().for_each(|x| *x += by);
                let place = f64::from(field(&mut settings)[0]);
                (place, forward(&projected, &settings))
            };
            let step = 1.0 / 16384.0;
            let ((a, low), (b, high)) = (moved(-step), moved(step));
            let (slope, found): (f64, f64) = ((high - low) / (b - a), found.iter().sum());
            assert!(
                (found - slope).abs() < 3e-3 * (1.0 + slope.abs()),
                "{found}, not {slope}"
            );
        }
    }
}
