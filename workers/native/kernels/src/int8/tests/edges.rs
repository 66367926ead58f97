//! Nothing is written beside an output, and every number, none at all too, has a defined result.

use super::*;
use crate::int8::{
    Head, HeadScales, HeadScratch, InhibitorParameters, PackedWeights, RowScales, Rows, ZERO,
    dot_head, inhibitor_head, linear, linear_add, linear_columns, linear_dynamic, linear_gelu,
    linear_to_u8, quantize_rows, quantize_sequences, quantize_static, row_bytes,
};

/// Runs `work` on `len` elements within a larger buffer and checks that its surroundings stay.
#[track_caller]
fn within<T: Copy + PartialEq>(canary: T, len: usize, work: impl FnOnce(&mut [T])) -> Vec<T> {
    let mut all = vec![canary; len + 128];
    work(&mut all[64..64 + len]);
    for side in [&all[..64], &all[64 + len..]] {
        assert!(side.iter().all(|x| *x == canary), "written outside");
    }
    all[64..64 + len].to_vec()
}

/// Finite, denormal, zero, not a number, and both infinities, among them.
fn awkward_rows(columns: usize) -> (Vec<f32>, [bool; 7]) {
    let mut x = Random(60).floats(7 * columns);
    let last = columns - 1;
    x[columns..2 * columns].fill(1e-41);
    x[2 * columns..3 * columns].fill(-0.0);
    x[3 * columns + last] = f32::NAN;
    x[4 * columns] = f32::INFINITY;
    x[5 * columns + last / 2] = f32::NEG_INFINITY;
    let is_poisoned = [false, false, false, true, true, true, false];
    (x, is_poisoned)
}

fn weights(outputs: usize, inputs: usize) -> PackedWeights {
    let mut random = Random(61);
    let values = random.weights(outputs * inputs);
    let scales: Vec<f32> = (0..outputs).map(|_| 0.01 + random.float().abs()).collect();
    PackedWeights::new(&values, &scales, outputs, inputs).unwrap()
}

#[test]
fn quantization_writes_its_rows_alone() {
    for context in contexts(1).chain(contexts(2)) {
        for (rows, columns) in [
            (0, 5),
            (1, 1),
            (3, 15),
            (2, 16),
            (5, 17),
            (1, 100),
            (40, 1000),
        ] {
            let x = Random(62).floats(rows * columns);
            let len = rows * row_bytes(columns);
            let mut scales = vec![];
            let each = within(77u8, len, |bytes| {
                scales = within(CANARY, rows, |scales| {
                    quantize_rows(&context, &x, columns, bytes, scales).unwrap();
                });
            });
            let together = within(77u8, len, |bytes| {
                within(CANARY, rows, |scales| {
                    let lengths = [rows / 2, 0, rows - rows / 2];
                    quantize_sequences(&context, &x, columns, &lengths, bytes, scales).unwrap();
                });
            });
            let given = within(77u8, len, |bytes| {
                assert_eq!(quantize_static(&context, &x, columns, 0.01, bytes), Ok(0));
            });
            assert!(scales.iter().all(|scale| *scale > 0.0));
            for bytes in [each, together, given] {
                let padding = bytes
                    .chunks(row_bytes(columns))
                    .flat_map(|row| &row[columns..]);
                assert!(padding.copied().all(|byte| byte == ZERO));
            }
        }
    }
}

#[test]
fn products_write_their_outputs_alone() {
    for context in contexts(1).chain(contexts(2)) {
        for (rows, inputs, outputs) in
            [(0, 3, 4), (1, 1, 1), (3, 17, 15), (15, 64, 49), (30, 5, 33)]
        {
            let x = Random(63).floats(rows * inputs);
            let (weights, bias) = (weights(outputs, inputs), vec![0.5; outputs]);
            let mut bytes = vec![0; rows * row_bytes(inputs)];
            let mut scales = vec![0.0; rows];
            quantize_rows(&context, &x, inputs, &mut bytes, &mut scales).unwrap();
            let rows_of = Rows {
                bytes: &bytes,
                scales: RowScales::Each(&scales),
            };
            let size = rows * outputs;
            let plain = within(CANARY, size, |y| {
                linear(&context, rows_of, &weights, &bias, y).unwrap();
            });
            let dynamic = within(CANARY, size, |y| {
                linear_dynamic(&context, &x, &weights, &bias, y).unwrap();
            });
            assert_eq!(bits(&dynamic), bits(&plain));
            within(CANARY, size, |y| {
                linear_gelu(&context, rows_of, &weights, &bias, y).unwrap();
            });
            within(CANARY, size, |y| {
                linear_add(&context, rows_of, &weights, &bias, &plain, y).unwrap();
            });
            within(CANARY, size, |y| {
                linear_columns(
                    &context, rows_of, &weights, &bias, 0, outputs, y, outputs, 0,
                )
                .unwrap();
            });
            for gelu in [false, true] {
                within(77u8, rows * row_bytes(outputs), |y| {
                    linear_to_u8(&context, rows_of, &weights, &bias, gelu, 0.1, y).unwrap();
                });
            }
        }
    }
}

#[test]
fn a_row_that_is_not_finite_poisons_itself_alone_and_a_tiny_one_gives_the_bias() {
    for context in contexts(1).chain(contexts(2)) {
        for (inputs, outputs) in [(1, 1), (20, 18), (33, 64)] {
            let (x, is_poisoned) = awkward_rows(inputs);
            let (weights, bias) = (weights(outputs, inputs), Random(64).floats(outputs));
            let y = within(CANARY, 7 * outputs, |y| {
                linear_dynamic(&context, &x, &weights, &bias, y).unwrap();
            });
            let rows: Vec<&[f32]> = y.chunks(outputs).collect();
            for (row, is_poisoned) in rows.iter().zip(is_poisoned) {
                assert!(row.iter().all(|y| y.is_nan() == is_poisoned));
            }
            assert_eq!(bits(rows[1]), bits(&bias));
            assert_eq!(bits(rows[2]), bits(&bias));
            let alone = within(CANARY, outputs, |y| {
                linear_dynamic(&context, &x[6 * inputs..], &weights, &bias, y).unwrap();
            });
            assert_eq!(bits(rows[6]), bits(&alone));
        }
    }
}

#[test]
fn outputs_as_bytes_saturate_where_they_are_not_finite_and_count_no_padding() {
    let (inputs, outputs) = (20, 18);
    for context in contexts(1) {
        let bytes = [
            vec![128 + 100; row_bytes(inputs)],
            vec![ZERO; row_bytes(inputs)],
        ]
        .concat();
        let weights = PackedWeights::new(&[1; 360], &[1.0; 18], outputs, inputs).unwrap();
        for (scale, expected, over) in [
            (f32::NAN, 1, 36), // also the row of zeros: 0 · NaN
            (f32::INFINITY, 255, 36),
            (1e-42, 128, 0),
            (1.0, 255, 18),
        ] {
            let x = Rows {
                bytes: &bytes,
                scales: RowScales::One(scale),
            };
            for gelu in [false, true] {
                let y = within(77u8, 2 * row_bytes(outputs), |y| {
                    let bias = [0.0; 18];
                    let found = linear_to_u8(&context, x, &weights, &bias, gelu, 1.0, y);
                    assert_eq!(found, Ok(over), "a row scale of {scale}");
                });
                assert!(y[..outputs].iter().all(|byte| *byte == expected));
                let padding = y.chunks(row_bytes(outputs)).flat_map(|row| &row[outputs..]);
                assert!(padding.copied().all(|byte| byte == ZERO));
            }
        }
    }
}

const PLAIN: InhibitorParameters = InhibitorParameters {
    alpha: 0.5,
    beta: 1.3,
    gamma: 0.8,
    normalise: true,
    center_over_all: false,
};

/// q, k and v of `tokens` rows of d behind each other: dot product and inhibitor, and what saturated.
fn both_heads(
    context: &Context,
    [q, k, v]: [&[f32]; 3],
    d: usize,
    scales: Option<HeadScales>,
) -> [(Vec<f32>, u64); 2] {
    let tokens = q.len() / d;
    let head = Head {
        q,
        k,
        v,
        stride: d,
        d,
        tokens,
        valid: tokens,
        scales,
    };
    let scratch = &mut HeadScratch::default();
    let mut saturated = [0; 2];
    let dot = within(CANARY, tokens * d, |out| {
        saturated[0] = dot_head(context, &head, 0.25, scratch, out, d).unwrap();
    });
    let inhibitor = within(CANARY, tokens * d, |out| {
        saturated[1] = inhibitor_head(context, &head, &PLAIN, scratch, out, d).unwrap();
    });
    [(dot, saturated[0]), (inhibitor, saturated[1])]
}

#[test]
fn one_token_attends_to_itself() {
    for context in contexts(1) {
        for d in [1, 7, 16, 33, 64, 128] {
            let mut random = Random(65);
            let [q, k, v] = [(); 3].map(|()| random.floats(d));
            let [(dot, _), (inhibitor, _)] = both_heads(&context, [&q, &k, &v], d, None);
            let largest = v.iter().fold(0f32, |largest, x| largest.max(x.abs()));
            for at in 0..d {
                assert!((dot[at] - v[at]).abs() <= 0.6 * largest / 127.0);
                // its distance is the mean distance: z = α
                let kept = v[at].signum() * (v[at].abs() - PLAIN.alpha).max(0.0) * PLAIN.beta;
                assert!((inhibitor[at] - kept).abs() <= 1.4 * PLAIN.beta * largest / 255.0);
            }
        }
    }
}

#[test]
fn denormals_are_zeros_and_given_scales_make_all_numbers_fit() {
    let (tokens, d) = (19, 24);
    let mut random = Random(66);
    let [q, k, v] = [(); 3].map(|()| random.floats(tokens * d));
    let tiny = vec![1e-41; tokens * d];
    let zero = vec![0.0; tokens * d];
    let scales = Some(HeadScales {
        q: 0.01,
        k: 0.01,
        v: 0.01,
    });
    let mut wrong = v.clone();
    (wrong[0], wrong[d], wrong[2 * d]) = (f32::NAN, f32::INFINITY, f32::NEG_INFINITY);
    for context in contexts(1) {
        let of = |parts, scales| both_heads(&context, parts, d, scales);
        for at in 0..3 {
            let mut parts = [&q[..], &k, &v];
            parts[at] = &tiny;
            let found = of(parts, None);
            parts[at] = &zero;
            for ((found, _), (expected, _)) in found.iter().zip(of(parts, None)) {
                assert!(found.iter().all(|x| x.is_finite()));
                assert_eq!(bits(found), bits(&expected));
            }
        }
        // scales that are given are those of finite values: what is not finite saturates and is counted
        for parts in [[&wrong[..], &k, &v], [&q, &wrong, &v], [&q, &k, &wrong]] {
            for (found, saturated) in of(parts, scales) {
                assert!(found.iter().all(|x| x.is_finite()));
                assert_eq!(saturated, 3);
            }
        }
        let scalar = Context::new(Variant::Scalar, 1).unwrap();
        let expected = both_heads(&scalar, [&wrong, &wrong, &wrong], d, scales);
        for (found, expected) in of([&wrong, &wrong, &wrong], scales).iter().zip(&expected) {
            assert_eq!((bits(&found.0), found.1), (bits(&expected.0), expected.1));
        }
    }
}
