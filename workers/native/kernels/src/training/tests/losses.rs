//! Values against f64 and gradients against differences.

use crate::training::testing::*;
use crate::training::*;

/// weight·Σ(s − t)²/Σt² over real tokens.
fn alignment(s: &[f64], t: &[f32], lengths: &[i32], tokens: usize, weight: f64) -> f64 {
    let hidden = s.len() / (lengths.len() * tokens);
    let (mut error, mut squares) = (0.0, 0.0);
    for (at, (s, t)) in s.iter().zip(wide(t)).enumerate() {
        let token = at / hidden;
        if (token % tokens) < lengths[token / tokens] as usize {
            error += (s - t).powi(2);
            squares += t * t;
        }
    }
    weight * error / squares
}

#[test]
fn alignment_is_over_real_tokens_alone() {
    for (lengths, tokens, hidden) in [
        (vec![1], 1, 1),
        (vec![3, 5, 0, 4], 5, 33),
        (vec![40, 13], 40, 80),
        (vec![7; 8], 9, 384),
    ] {
        let (batch, size) = (lengths.len(), lengths.len() * tokens * hidden);
        let (mut s, mut t) = (random(size, 1), random(size, 2));
        if lengths[0] < tokens as i32 {
            // what lies at padding does not matter
            s[lengths[0] as usize * hidden] = f32::NAN;
            t[lengths[0] as usize * hidden] = f32::INFINITY;
        }
        let results = contexts().into_iter().map(|context| {
            let mut value = 0.0;
            let gradient = within_canaries(size, |gradient| {
                value = align_loss(
                    &context, &s, &t, &lengths, batch, tokens, hidden, 0.7, gradient,
                )
                .unwrap();
            });
            (value, gradient)
        });
        let results: Vec<(f64, Vec<f32>)> = results.collect();
        let (value, gradient) = &results[0];
        let of = |s: &[f64]| alignment(s, &t, &lengths, tokens, 0.7);
        let exact = of(&wide(&s));
        assert!(
            (value - exact).abs() <= 1e-12 * exact.abs(),
            "{value}, not {exact}"
        );
        let places: Vec<usize> = (0..size)
            .step_by(size / 30 + 1)
            .filter(|at| s[*at].is_finite())
            .collect();
        for (place, slope) in differences(&s, &places, 1e-3, of) {
            let found = f64::from(gradient[place]);
            assert!(
                (found - slope).abs() <= 1e-6 * slope.abs() + 1e-9,
                "{found}, not {slope}"
            );
        }
        for (other, gradients) in &results[1..] {
            assert_eq!(other.to_bits(), value.to_bits());
            same_bits(gradients, gradient);
        }
    }
}

#[test]
fn alignment_refuses_lengths_beyond_its_rows() {
    let context = &contexts()[0];
    let (states, mut gradient) = ([1.0; 12], [0.0; 12]);
    for lengths in [[4, 1], [-1, 1]] {
        let error = align_loss(
            context,
            &states,
            &states,
            &lengths,
            2,
            3,
            2,
            1.0,
            &mut gradient,
        );
        assert!(error.unwrap_err().to_string().contains("length"));
    }
    let zeros = [0.0; 12];
    let value = align_loss(
        context,
        &zeros,
        &zeros,
        &[3, 3],
        2,
        3,
        2,
        1.0,
        &mut gradient,
    );
    assert!(value.unwrap().is_nan());
}

#[test]
fn cross_entropy_is_that_of_f64() {
    let (batch, classes) = (7, 5);
    let logits: Vec<f32> = random(batch * classes, 1)
        .iter()
        .map(|x| x * 20.0)
        .collect();
    let labels = [0, 4, 2, 2, 1, 3, 0];
    let of = |logits: &[f64]| -> f64 {
        let rows = logits.chunks_exact(classes).zip(labels);
        let loss = |(row, label): (&[f64], i32)| {
            row.iter().map(|x| x.exp()).sum::<f64>().ln() - row[label as usize]
        };
        rows.map(loss).sum::<f64>() / batch as f64
    };
    let mut gradient = vec![0.0; batch * classes];
    let value = cross_entropy(&logits, &labels, &mut gradient, batch, classes).unwrap();
    let exact = of(&wide(&logits));
    assert!((value - exact).abs() < 1e-10 * exact.abs());
    let places: Vec<usize> = (0..logits.len()).collect();
    for (place, slope) in differences(&logits, &places, 1e-4, of) {
        assert!((f64::from(gradient[place]) - slope).abs() < 1e-6);
    }
    let mut one = [0.0; 2];
    assert_eq!(
        cross_entropy(&[1e30, -1e30], &[0], &mut one, 1, 2).unwrap(),
        0.0
    );
    assert!(
        cross_entropy(&[0.0, f32::NAN], &[0], &mut one, 1, 2)
            .unwrap()
            .is_nan()
    );
    assert!(cross_entropy(&[0.0, 0.0], &[2], &mut one, 1, 2).is_err());
    assert!(cross_entropy(&[0.0, 0.0], &[-1], &mut one, 1, 2).is_err());
}

#[test]
fn distillation_is_the_softened_divergence() {
    let (batch, classes, temperature) = (4, 3, 2.5);
    let (student, teacher) = (random(12, 1), random(12, 2));
    let softmax = |row: &[f64]| -> Vec<f64> {
        let powers: Vec<f64> = row.iter().map(|x| (x / temperature).exp()).collect();
        let total: f64 = powers.iter().sum();
        powers.iter().map(|power| power / total).collect()
    };
    let of = |student: &[f64]| -> f64 {
        let (t, s) = (wide(&teacher), student);
        let rows = s.chunks_exact(classes).zip(t.chunks_exact(classes));
        let divergence = |(s, t): (&[f64], &[f64])| -> f64 {
            softmax(t)
                .iter()
                .zip(softmax(s))
                .map(|(p, q)| p * (p / q).ln())
                .sum()
        };
        rows.map(divergence).sum::<f64>() * temperature * temperature / batch as f64
    };
    let mut gradient = [0.0; 12];
    let value = distillation_loss(
        &student,
        &teacher,
        temperature,
        &mut gradient,
        batch,
        classes,
    )
    .unwrap();
    assert!((value - of(&wide(&student))).abs() < 1e-12);
    let places: Vec<usize> = (0..12).collect();
    for (place, slope) in differences(&student, &places, 1e-4, of) {
        assert!((f64::from(gradient[place]) - slope).abs() < 1e-7);
    }
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(distillation_loss(&student, &teacher, bad, &mut gradient, 4, 3).is_err());
    }
}
