//! Numbers and sizes at the edges.

use super::*;

#[test]
fn what_is_not_finite_shows_in_its_rows() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut case = case((9, 2, 16, &[9, 9]), 5);
        let (hidden, one) = (case.shape.hidden(), settings(&case).remove(0));
        let at = |part: usize, token: usize, k: usize| token * 3 * hidden + part * hidden + k;
        let nan_rows = |output: &[f32], head: usize| -> Vec<usize> {
            let row = |i: &usize| &output[i * hidden + head * 16..][..16];
            (0..18)
                .filter(|i| row(i).iter().all(|x| x.is_nan()))
                .collect()
        };
        for context in contexts() {
            let clean = case.projected.clone();
            // a query: its row
            case.projected[at(0, 4, 3)] = bad;
            let output = inhibitor(&context, &case, &one);
            assert_eq!(
                (nan_rows(&output, 0), nan_rows(&output, 1)),
                (vec![4], vec![])
            );
            let (gradient, _) = inhibitor_gradient(&context, &case, &one, QkGradient::Sign);
            assert!(
                (0..9).all(|j| gradient[at(1, j, 0)].is_nan() && gradient[at(2, j, 0)].is_nan())
            );
            assert!(gradient[9 * 3 * hidden..].iter().all(|x| x.is_finite()));
            if bad.is_nan() {
                assert_eq!(nan_rows(&dot(&context, &case)[0], 0), vec![4]);
            }
            // a key: all rows of its head and sequence
            case.projected.copy_from_slice(&clean);
            case.projected[at(1, 4, 16 + 3)] = bad;
            let output = inhibitor(&context, &case, &one);
            let all: Vec<usize> = (0..9).collect();
            assert_eq!((nan_rows(&output, 0), nan_rows(&output, 1)), (vec![], all));
            // a value: its feature
            case.projected.copy_from_slice(&clean);
            case.projected[at(2, 4, 3)] = bad;
            for output in [
                inhibitor(&context, &case, &one),
                dot(&context, &case)[0].clone(),
            ] {
                for i in 0..9 {
                    let row = &output[i * hidden..(i + 1) * hidden];
                    let wrong = |(k, x): (usize, &f32)| x.is_finite() != (k != 3);
                    assert!(!row.iter().enumerate().any(wrong), "{row:?}");
                }
            }
            case.projected.copy_from_slice(&clean);
        }
        for scalar in [0, 2] {
            let mut settings = one.clone();
            [&mut settings.alpha, &mut settings.beta, &mut settings.gamma][scalar][0] = bad;
            let output = inhibitor(&fastest(), &case, &settings);
            assert!(output.iter().all(|x| x.is_nan()));
        }
    }
}

#[test]
fn ties_are_decided_as_written() {
    // one token: z = α whatever the distance; values below, at and above it
    let mut case = case((1, 1, 4, &[1]), 8);
    case.projected[8..].copy_from_slice(&[0.25, -0.5, 0.75, -1.5]);
    case.g.copy_from_slice(&[1.0, 2.0, 4.0, 8.0]);
    let plain = Settings {
        alpha: vec![0.5],
        beta: vec![1.0],
        gamma: vec![1.0],
        normalise: true,
        center_over_all: false,
        key_dropout: Dropout::NONE,
    };
    for context in contexts() {
        same_bits(&inhibitor(&context, &case, &plain), &[0.0, 0.0, 0.25, -1.0]);
        let (gradient, [alpha, beta, gamma]) =
            inhibitor_gradient(&context, &case, &plain, QkGradient::Sign);
        same_bits(
            &gradient,
            &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 4.0, 8.0],
        );
        same_bits(
            &[alpha[0], beta[0], gamma[0]],
            &[4.0, 4.0 * 0.25 - 8.0, 0.0],
        );
    }
}

#[test]
fn of_tokens_that_are_all_alike_every_score_is_alpha() {
    // α = 0: a score of exactly 0 passes every value and stops ∂z
    for n in (3..160).step_by(7) {
        let mut case = case((n, 1, 16, &[n as i32]), n as u64);
        let mut row = case.projected[..48].to_vec();
        row[40] = 0.0;
        for to in case.projected.chunks_mut(48) {
            to.copy_from_slice(&row);
        }
        let mut one = settings(&case).remove(0);
        (one.alpha[0], one.beta[0]) = (0.0, 1.0);
        let output = inhibitor(&fastest(), &case, &one);
        close(&output[..16], &wide(&row[32..]), 1e-6, 1e-5);
        let (gradient, scalars) = inhibitor_gradient(&fastest(), &case, &one, QkGradient::Sign);
        let columns = |at: usize| -> f32 { case.g.chunks(16).map(|g| g[at] / n as f32).sum() };
        for row in gradient.chunks(48) {
            assert!(row[..32].iter().all(|x| *x == 0.0));
            assert!((0..16).all(|k| (row[32 + k] - columns(k)).abs() < 1e-5));
        }
        same_bits(&scalars[0], &[0.0]);
    }
}

#[test]
fn equal_queries_and_keys_have_no_slope() {
    // q_i = k_i: its own pair adds nothing; two tokens have nothing else but each other
    let mut case = case((2, 1, 16, &[2]), 12);
    let keys: Vec<f32> = case.projected[..16].to_vec();
    for token in case.projected.chunks_mut(48) {
        token[..16].copy_from_slice(&keys);
        token[16..32].copy_from_slice(&keys);
    }
    for settings in settings(&case) {
        let (gradient, _) = inhibitor_gradient(&fastest(), &case, &settings, QkGradient::Sign);
        for row in gradient.chunks(48) {
            assert!(row[..32].iter().all(|x| *x == 0.0), "{row:?}");
        }
    }
}

#[test]
fn tiny_and_huge_numbers_are_numbers() {
    for (scale, error) in [(1e-40, 0.05), (1e-30, 1e-5), (1e18, 1e-5), (1e30, 1e-5)] {
        let mut case = case((12, 1, 32, &[12]), 21);
        case.projected.iter_mut().for_each(|x| *x *= scale);
        let projected = wide(&case.projected);
        let mut one = settings(&case).remove(0);
        one.alpha[0] *= scale;
        let expected = oracle(&case, &projected).inhibitor(&one);
        close(
            &inhibitor(&fastest(), &case, &one),
            &expected,
            error * f64::from(scale),
            1e-5,
        );
        if scale < 1.0 {
            let expected = oracle(&case, &projected).dot();
            close(
                &dot(&fastest(), &case)[0],
                &expected,
                error * f64::from(scale),
                1e-5,
            );
        } else {
            // all weight on one key
            let large = dot(&fastest(), &case)[0]
                .iter()
                .all(|x| x.is_finite() || scale > 1e18);
            assert!(large);
        }
    }
}

#[test]
fn where_every_value_is_inhibited_nothing_is_left() {
    let case = case((50, 1, 16, &[50]), 30);
    let mut one = settings(&case).remove(0);
    one.alpha[0] = 100.0;
    assert!(inhibitor(&fastest(), &case, &one).iter().all(|x| *x == 0.0));
}

#[test]
fn sizes_that_do_not_fit_are_refused() {
    let case = case((4, 2, 8, &[4, 4]), 1);
    let context = fastest();
    let one = settings(&case).remove(0);
    let mut output = vec![0.0; case.g.len()];
    let mut forward = |projected: &[f32], lengths: &[i32], settings: &Settings, shape: Shape| {
        let inhibitor = settings.inhibitor();
        inhibitor_attention(&context, shape, &inhibitor, projected, lengths, &mut output)
    };
    let Case {
        shape,
        projected,
        lengths,
        ..
    } = &case;
    assert!(forward(projected, lengths, &one, *shape).is_ok());
    assert!(forward(&projected[1..], lengths, &one, *shape).is_err());
    assert!(forward(projected, &[4], &one, *shape).is_err());
    assert!(forward(projected, &[4, 5], &one, *shape).is_err());
    assert!(forward(projected, &[4, -1], &one, *shape).is_err());
    let mut three = one.clone();
    three.gamma = vec![1.0; 3];
    assert!(forward(projected, lengths, &three, *shape).is_err());
    for wrong in [
        Shape {
            features: 0,
            ..*shape
        },
        Shape { heads: 0, ..*shape },
        Shape {
            tokens: usize::MAX,
            ..*shape
        },
    ] {
        assert!(forward(projected, lengths, &one, wrong).is_err());
    }
    let mut short = vec![0.0; case.g.len() - 1];
    assert!(dot_attention(&context, *shape, projected, lengths, &mut short, None).is_err());
}
