//! Scales that a caller gives, and the distance from exact arithmetic.

use super::*;

#[test]
fn given_scales_saturate_and_count() {
    let case = Case::new(20, 20, 16, &mut Random(30));
    let scales = |v| {
        Some(HeadScales {
            q: 1.0 / 127.0,
            k: 1.0 / 127.0,
            v,
        })
    };
    for context in contexts(1) {
        for (core, levels) in [(Core::Dot, 127.0), (Core::Inhibitor(PLAIN), 255.0)] {
            let scratch = &mut HeadScratch::default();
            let roomy = Head {
                scales: scales(1.0 / levels),
                ..case.head()
            };
            assert_eq!(compute(&context, &case, &roomy, core, scratch).1, 0);
            // half of the range: values beyond are counted
            let tight = Head {
                scales: scales(0.35 / levels),
                ..case.head()
            };
            let over = |x: &f32| (x / (0.35 / levels)).round_ties_even().abs() > levels;
            let rows = case.data.chunks(case.stride);
            let expected = rows
                .flat_map(|row| &row[32..48])
                .filter(|x| over(x))
                .count();
            assert!(expected > 20);
            assert_eq!(
                compute(&context, &case, &tight, core, scratch).1,
                expected as u64
            );
        }
        let uneven = Head {
            scales: Some(HeadScales {
                q: 1.0,
                k: 2.0,
                v: 1.0,
            }),
            ..case.head()
        };
        let out = &mut vec![0.0; 20 * 16];
        assert!(
            inhibitor_head(
                &context,
                &uneven,
                &PLAIN,
                &mut HeadScratch::default(),
                out,
                16
            )
            .is_err()
        );
    }
}

/// f64 attention of a case's f32 values.
fn exact(case: &Case, core: Core) -> Vec<f64> {
    let head = case.head();
    let value = |x: &[f32], row: usize, at: usize| f64::from(x[row * case.stride + at]);
    let (n, d) = (case.valid, case.d);
    let mut out = vec![];
    for i in 0..n {
        let pair = |f: &dyn Fn(f64, f64) -> f64| -> Vec<f64> {
            (0..n)
                .map(|j| {
                    (0..d)
                        .map(|at| f(value(head.q, i, at), value(head.k, j, at)))
                        .sum::<f64>()
                        / (d as f64).sqrt()
                })
                .collect()
        };
        match core {
            Core::Dot => {
                let scores = pair(&|q, k| q * k);
                let weights: Vec<f64> = scores.iter().map(|s| s.exp()).collect();
                let sum: f64 = weights.iter().sum();
                for at in 0..d {
                    out.push(
                        (0..n)
                            .map(|j| weights[j] / sum * value(head.v, j, at))
                            .sum(),
                    );
                }
            }
            Core::Inhibitor(p) => {
                let distances = pair(&|q, k| (q - k).abs());
                let mean = distances.iter().sum::<f64>() / n as f64;
                for at in 0..d {
                    let sum: f64 = (0..n)
                        .map(|j| {
                            let z = (f64::from(p.gamma) * (distances[j] - mean)
                                + f64::from(p.alpha))
                            .max(0.0);
                            let v = value(head.v, j, at);
                            v.signum() * (v.abs() - z).max(0.0)
                        })
                        .sum();
                    out.push(f64::from(p.beta) * sum / n as f64);
                }
            }
        }
    }
    out
}

/// How far eight bits are from exact arithmetic: relative to the largest context.
#[test]
fn errors_against_f64_are_small() {
    for (n, d) in [(16, 64), (128, 64), (200, 32), (77, 128)] {
        let case = Case::new(n, n, d, &mut Random(40));
        let context = Context::new(Variant::detect(), 1).unwrap();
        for (core, bound) in [(Core::Dot, 0.02), (Core::Inhibitor(PLAIN), 0.02)] {
            let exact = exact(&case, core);
            let found = run(&context, &case, core);
            let size = exact.iter().fold(0f64, |largest, x| largest.max(x.abs()));
            let error = exact.iter().zip(&found).fold(0f64, |largest, (a, b)| {
                largest.max((a - f64::from(*b)).abs())
            });
            println!("{n} {d} {}", error / size);
            assert!(
                error <= bound * size,
                "{n} tokens, {d} features: {}",
                error / size
            );
        }
    }
}
