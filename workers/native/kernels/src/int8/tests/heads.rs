use super::*;
use crate::int8::{
    Head, HeadScales, HeadScratch, InhibitorParameters, dot_head, inhibitor_head, reference,
};

struct Case {
    data: Vec<f32>,
    stride: usize,
    d: usize,
    tokens: usize,
    valid: usize,
}

impl Case {
    /// q, k and v side by side in rows that are a little wider.
    fn new(tokens: usize, valid: usize, d: usize, random: &mut Random) -> Self {
        let stride = 3 * d + 5;
        let mut data = random.floats(tokens * stride);
        for row in data.chunks_mut(stride) {
            row[2 * d..3 * d].iter_mut().for_each(|v| *v *= 0.7);
        }
        Self {
            data,
            stride,
            d,
            tokens,
            valid,
        }
    }

    fn head(&self) -> Head<'_> {
        let len = (self.tokens - 1) * self.stride + self.d;
        let part = |at: usize| &self.data[at * self.d..at * self.d + len];
        Head {
            q: part(0),
            k: part(1),
            v: part(2),
            stride: self.stride,
            d: self.d,
            tokens: self.tokens,
            valid: self.valid,
            scales: None,
        }
    }

    fn score_scale(&self) -> f32 {
        1.0 / (self.d as f32).sqrt()
    }
}

const PLAIN: InhibitorParameters = InhibitorParameters {
    alpha: 0.5,
    beta: 1.3,
    gamma: 0.8,
    normalise: true,
    center_over_all: false,
};

#[derive(Clone, Copy)]
enum Core {
    Dot,
    Inhibitor(InhibitorParameters),
}

/// (tokens, d), computed into wider rows with canaries between them.
fn compute(
    context: &Context,
    case: &Case,
    head: &Head<'_>,
    core: Core,
    scratch: &mut HeadScratch,
) -> (Vec<f32>, u64) {
    let stride = head.d + 3;
    let mut out = guarded(head.tokens * stride);
    let to = inside(&mut out);
    let saturated = match core {
        Core::Dot => dot_head(context, head, case.score_scale(), scratch, to, stride),
        Core::Inhibitor(parameters) => {
            inhibitor_head(context, head, &parameters, scratch, to, stride)
        }
    }
    .unwrap();
    for row in to.chunks(stride) {
        assert!(row[head.d..].iter().all(|x| *x == CANARY));
    }
    let rows = to
        .chunks(stride)
        .flat_map(|row| row[..head.d].to_vec())
        .collect();
    assert_guards(&out);
    (rows, saturated)
}

fn expected(case: &Case, core: Core) -> Vec<f32> {
    let head = case.head();
    let mut rows = match core {
        Core::Dot => reference::dot(&head, case.score_scale()),
        Core::Inhibitor(parameters) => reference::inhibitor(&head, &parameters),
    };
    rows.resize(case.tokens * case.d, 0.0);
    rows
}

fn cores() -> Vec<Core> {
    let with = |normalise, center_over_all, alpha, gamma| {
        Core::Inhibitor(InhibitorParameters {
            alpha,
            gamma,
            normalise,
            center_over_all,
            ..PLAIN
        })
    };
    vec![
        Core::Dot,
        with(true, false, 0.5, 0.8),
        with(false, true, 0.1, 3.0),
        with(true, true, -0.2, 0.05),
        with(false, false, 0.0, -0.7),
    ]
}

#[test]
fn cores_are_the_plain_loops_bit_for_bit() {
    let mut random = Random(21);
    let mut shapes = vec![
        (64, 64, 64),
        (130, 117, 64),
        (257, 257, 32),
        (70, 70, 128),
        (45, 33, 80),
    ];
    for tokens in 1..=40 {
        let d = [8, 16, 24, 40, 48, 64, 1, 13, 100, 112][tokens % 10];
        shapes.push((tokens, 1 + tokens * 7 % tokens.max(2), d));
    }
    let mut scratches: Vec<HeadScratch> = contexts(1).map(|_| HeadScratch::new(1, 1)).collect();
    for (tokens, valid, d) in shapes {
        let case = Case::new(tokens, valid.min(tokens), d, &mut random);
        for (which, core) in cores().into_iter().enumerate() {
            let expected = bits(&expected(&case, core));
            for (context, scratch) in contexts(1).zip(&mut scratches) {
                let (found, saturated) = compute(&context, &case, &case.head(), core, scratch);
                assert_eq!(saturated, 0);
                let differs = bits(&found).iter().zip(&expected).position(|(a, b)| a != b);
                assert_eq!(
                    differs,
                    None,
                    "{} core {which}, {tokens} tokens, {valid} valid, {d} features",
                    context.variant.name()
                );
            }
        }
    }
}

#[test]
fn what_is_beyond_the_valid_tokens_does_not_matter() {
    let mut random = Random(22);
    let case = Case::new(50, 37, 64, &mut random);
    let mut other = Case::new(50, 37, 64, &mut random);
    let kept = 37 * other.stride;
    other.data[..kept].copy_from_slice(&case.data[..kept]);
    other.data[kept + 1] = f32::NAN;
    let alone = Case {
        data: case.data[..kept].to_vec(),
        tokens: 37,
        ..other
    };
    for context in contexts(1) {
        for core in [Core::Dot, Core::Inhibitor(PLAIN)] {
            let scratch = &mut HeadScratch::default();
            let (a, _) = compute(&context, &case, &case.head(), core, scratch);
            let (b, _) = compute(&context, &other, &other.head(), core, scratch);
            let (c, _) = compute(&context, &alone, &alone.head(), core, scratch);
            assert_eq!(bits(&a), bits(&b));
            assert_eq!(bits(&a[..37 * 64]), bits(&c));
            assert!(a[37 * 64..].iter().all(|x| *x == 0.0));
        }
    }
}

#[test]
fn not_a_number_poisons_its_head_and_zeros_are_zeros() {
    for context in contexts(1) {
        for core in [Core::Dot, Core::Inhibitor(PLAIN)] {
            for (at, value) in [(0, f32::NAN), (20, f32::INFINITY), (40, f32::NEG_INFINITY)] {
                let mut case = Case::new(9, 9, 16, &mut Random(1));
                case.data[3 * case.stride + at] = value;
                let scratch = &mut HeadScratch::default();
                let (found, _) = compute(&context, &case, &case.head(), core, scratch);
                assert!(found.iter().all(|x| x.is_nan()));
            }
            let mut case = Case::new(40, 33, 16, &mut Random(1));
            case.data.fill(0.0);
            let (found, _) = compute(
                &context,
                &case,
                &case.head(),
                core,
                &mut HeadScratch::default(),
            );
            assert!(found.iter().all(|x| *x == 0.0));
            // tiny q and k: all keys weigh the same, padding weighs nothing
            let mut case = Case::new(40, 33, 16, &mut Random(1));
            for row in case.data.chunks_mut(53) {
                row[..32].iter_mut().for_each(|x| *x *= 1e-12);
            }
            let (found, _) = compute(
                &context,
                &case,
                &case.head(),
                core,
                &mut HeadScratch::default(),
            );
            assert_eq!(bits(&found), bits(&expected(&case, core)));
        }
    }
}

#[test]
fn extreme_distances_and_scores_fit() {
    // q and k at opposite ends: the largest distance and the smallest score there is
    let mut case = Case::new(40, 40, 128, &mut Random(1));
    for (row, values) in case.data.chunks_mut(389).enumerate() {
        values[..128].fill(if row % 2 == 0 { 1.0 } else { -1.0 });
        values[128..256].fill(if row % 3 == 0 { 1.0 } else { -1.0 });
        values[256..384].fill(if row % 5 == 0 { 1.0 } else { -1.0 });
    }
    for context in contexts(1) {
        for core in cores() {
            let (found, _) = compute(
                &context,
                &case,
                &case.head(),
                core,
                &mut HeadScratch::default(),
            );
            assert_eq!(bits(&found), bits(&expected(&case, core)));
        }
    }
}

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
            let (found, _) = compute(
                &context,
                &case,
                &case.head(),
                core,
                &mut HeadScratch::default(),
            );
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

#[test]
fn wrong_sizes_are_refused() {
    let case = Case::new(10, 8, 16, &mut Random(50));
    let context = Context::new(Variant::detect(), 1).unwrap();
    let mut out = vec![0.0; 10 * 16];
    let mut refused = |head: Head<'_>, out_stride: usize| {
        let scratch = &mut HeadScratch::default();
        dot_head(&context, &head, 0.25, scratch, &mut out, out_stride).is_err()
            && inhibitor_head(&context, &head, &PLAIN, scratch, &mut out, out_stride).is_err()
    };
    let head = case.head();
    assert!(refused(Head { d: 0, ..head }, 16));
    assert!(refused(
        Head {
            d: 129,
            stride: 129,
            ..head
        },
        129
    ));
    assert!(refused(Head { valid: 0, ..head }, 16));
    assert!(refused(Head { valid: 11, ..head }, 16));
    assert!(refused(Head { tokens: 11, ..head }, 16));
    assert!(refused(
        Head {
            tokens: usize::MAX,
            ..head
        },
        16
    ));
    assert!(refused(Head { stride: 15, ..head }, 16));
    assert!(refused(head, 17));
    assert!(refused(
        Head {
            q: &head.q[1..],
            ..head
        },
        16
    ));
    assert!(refused(
        Head {
            v: &head.v[1..],
            ..head
        },
        16
    ));
    assert!(refused(
        Head {
            scales: Some(HeadScales {
                q: 0.0,
                k: 0.0,
                v: 1.0
            }),
            ..head
        },
        16
    ));
    let scratch = &mut HeadScratch::default();
    let out = &mut vec![0.0; 160];
    assert!(dot_head(&context, &head, f32::NAN, scratch, out, 16).is_err());
    let bad = InhibitorParameters {
        gamma: f32::INFINITY,
        ..PLAIN
    };
    assert!(inhibitor_head(&context, &head, &bad, scratch, out, 16).is_err());
}
