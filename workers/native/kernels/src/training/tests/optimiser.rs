//! The norm and AdamW against f64.

use crate::training::testing::*;
use crate::training::*;

#[test]
fn the_norm_is_that_of_f64_and_the_same_everywhere() {
    let arrays: Vec<Vec<f32>> = [1, 15, 16, 40_000, 3, 16_384, 99]
        .into_iter()
        .map(|len| random(len, len as u64))
        .collect();
    let slices: Vec<&[f32]> = arrays.iter().map(|array| &array[..]).collect();
    let exact = arrays
        .concat()
        .iter()
        .map(|x| f64::from(*x).powi(2))
        .sum::<f64>()
        .sqrt();
    let norms: Vec<f64> = contexts()
        .iter()
        .map(|context| global_norm(context, &slices).unwrap())
        .collect();
    assert!((norms[0] - exact).abs() < 1e-12 * exact);
    assert!(
        norms
            .iter()
            .all(|norm| norm.to_bits() == norms[0].to_bits())
    );
    let context = &contexts()[0];
    let large = global_norm(context, &[&[3e30, 4e30]]).unwrap();
    assert!((large / 5e30 - 1.0).abs() < 1e-7, "{large}");
    assert!(
        global_norm(context, &[&[1.0], &[f32::NAN]])
            .unwrap()
            .is_nan()
    );
    assert!(global_norm(context, &[]).is_err());
}

const SETTINGS: AdamSettings = AdamSettings {
    step: 1,
    rate: 1e-2,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weight_decay: 0.1,
    gradient_scale: 0.5,
};

/// Weight, first and second moment of one step in f64.
fn exact(state: [f64; 3], gradient: f64, decays: bool, settings: AdamSettings) -> [f64; 3] {
    let AdamSettings {
        step,
        rate,
        beta1,
        beta2,
        epsilon,
        ..
    } = settings;
    let g = gradient * settings.gradient_scale;
    let [mut w, m, v] = state;
    if decays {
        w -= rate * settings.weight_decay * w;
    }
    let (m, v) = (
        beta1 * m + (1.0 - beta1) * g,
        beta2 * v + (1.0 - beta2) * g * g,
    );
    let corrected = |x: f64, beta: f64| x / (1.0 - beta.powi(step as i32));
    let step = rate * corrected(m, beta1) / (corrected(v, beta2).sqrt() + epsilon);
    [w - step, m, v]
}

#[test]
fn ten_steps_are_those_of_f64_and_the_same_everywhere() {
    let lengths = [1, 15, 16, 33, 20_000, 17];
    let results = contexts().into_iter().map(|context| {
        let mut states: Vec<[Vec<f32>; 3]> = lengths
            .iter()
            .map(|len| [random(*len, 1), vec![0.0; *len], vec![0.0; *len]])
            .collect();
        let mut wanted: Vec<Vec<[f64; 3]>> = states
            .iter()
            .map(|[w, ..]| w.iter().map(|w| [f64::from(*w), 0.0, 0.0]).collect())
            .collect();
        for step in 1..=10 {
            let settings = AdamSettings { step, ..SETTINGS };
            let gradients: Vec<Vec<f32>> = lengths
                .iter()
                .map(|len| random(*len, u64::from(step) + 10))
                .collect();
            let mut weights: Vec<AdamWeight> = states
                .iter_mut()
                .zip(&gradients)
                .enumerate()
                .map(|(at, ([weight, first, second], gradient))| AdamWeight {
                    weight,
                    gradient,
                    first,
                    second,
                    decays: at % 2 == 0,
                })
                .collect();
            adamw(&context, &mut weights, settings).unwrap();
            for (at, (values, gradient)) in wanted.iter_mut().zip(&gradients).enumerate() {
                for (value, g) in values.iter_mut().zip(gradient) {
                    *value = exact(*value, f64::from(*g), at % 2 == 0, settings);
                }
            }
        }
        for (found, wanted) in states.iter().zip(&wanted) {
            for (kind, found) in found.iter().enumerate() {
                let wanted: Vec<f64> = wanted.iter().map(|state| state[kind]).collect();
                close(found, &wanted, 2e-6, 1e-5);
            }
        }
        states
    });
    let results: Vec<Vec<[Vec<f32>; 3]>> = results.collect();
    for other in &results[1..] {
        for (found, expected) in other.iter().flatten().zip(results[0].iter().flatten()) {
            same_bits(found, expected);
        }
    }
}

#[test]
fn a_gradient_of_zero_or_a_denormal_moves_nothing_far() {
    for context in contexts() {
        let (mut weight, mut first, mut second) = ([1.0, 1.0], [0.0; 2], [0.0; 2]);
        let each = AdamWeight {
            weight: &mut weight,
            gradient: &[0.0, 1e-40],
            first: &mut first,
            second: &mut second,
            decays: false,
        };
        adamw(&context, &mut [each], SETTINGS).unwrap();
        assert_eq!(weight, [1.0, 1.0]);
        assert!(first[1] > 0.0 && second[1] == 0.0, "{first:?} {second:?}");
    }
}

#[test]
fn lengths_and_settings_that_do_not_fit_are_refused() {
    let context = &contexts()[0];
    let (mut weight, mut first, mut second) = ([1.0; 4], [0.0; 4], [0.0; 4]);
    let mut refusal = |gradient: &[f32], settings: AdamSettings| {
        let each = AdamWeight {
            weight: &mut weight,
            gradient,
            first: &mut first,
            second: &mut second,
            decays: false,
        };
        adamw(context, &mut [each], settings)
            .unwrap_err()
            .to_string()
    };
    assert!(refusal(&[1.0; 3], SETTINGS).starts_with("gradient has 3"));
    assert!(
        refusal(
            &[1.0; 4],
            AdamSettings {
                step: 0,
                ..SETTINGS
            }
        )
        .starts_with("step 0")
    );
    assert!(
        refusal(
            &[1.0; 4],
            AdamSettings {
                beta2: 1.0,
                ..SETTINGS
            }
        )
        .contains("β₂ 1")
    );
    assert!(
        refusal(
            &[1.0; 4],
            AdamSettings {
                beta1: f64::NAN,
                ..SETTINGS
            }
        )
        .contains("NaN")
    );
    assert_eq!(weight, [1.0; 4]);
}
