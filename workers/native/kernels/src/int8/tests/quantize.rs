use super::*;
use crate::int8::{ZERO, quantize_rows, quantize_sequences, quantize_static, reference, row_bytes};

fn rows(context: &Context, x: &[f32], columns: usize) -> (Vec<u8>, Vec<f32>) {
    let count = x.len() / columns;
    let mut bytes = vec![7; count * row_bytes(columns)];
    let mut scales = vec![0.0; count];
    quantize_rows(context, x, columns, &mut bytes, &mut scales).unwrap();
    (bytes, scales)
}

#[test]
fn rows_are_the_plain_quotients_on_every_variant() {
    let mut random = Random(3);
    for (count, columns) in [
        (1, 1),
        (3, 15),
        (5, 16),
        (4, 17),
        (9, 63),
        (2, 768),
        (70, 1001),
    ] {
        let mut x = random.floats(count * columns);
        for (row, values) in x.chunks_mut(columns).enumerate() {
            // awkward magnitudes, ties: multiples of half a step
            let size = 2f32.powi(row as i32 * 7 - 30);
            values.iter_mut().for_each(|x| *x *= size);
            values[0] = 127.0 * size;
            if columns > 3 {
                values[1..4].copy_from_slice(&[0.5 * size, -1.5 * size, 2.5 * size]);
            }
        }
        let (steps, scales) = reference::quantize_rows(&x, columns);
        for context in contexts(2) {
            let (bytes, found) = rows(&context, &x, columns);
            assert_eq!(bits(&found), bits(&scales));
            for (row, bytes) in bytes.chunks(row_bytes(columns)).enumerate() {
                let expected = &steps[row * columns..(row + 1) * columns];
                for (at, byte) in bytes.iter().enumerate() {
                    let step = expected.get(at).copied().unwrap_or(0);
                    assert_eq!(i32::from(*byte) - 128, step, "row {row} at {at}");
                }
            }
        }
    }
}

#[test]
fn a_division_by_product_and_remainder_is_a_division() {
    let mut random = Random(17);
    for _ in 0..200 {
        let columns = 4096;
        let size = 2f32.powi(random.below(200) as i32 - 100);
        let x: Vec<f32> = (0..columns).map(|_| random.float() * size).collect();
        let (expected, scales) = reference::quantize_rows(&x, columns);
        let context = Context::new(Variant::detect(), 1).unwrap();
        let (bytes, found) = rows(&context, &x, columns);
        assert_eq!(found, scales);
        assert!(
            bytes
                .iter()
                .zip(expected)
                .all(|(byte, step)| i32::from(*byte) - 128 == step)
        );
    }
}

#[test]
fn zeros_denormals_and_not_a_number() {
    let columns = 20;
    let mut x = vec![0.0; 6 * columns];
    x[columns..2 * columns].fill(1e-40);
    x[2 * columns + 3] = f32::NAN;
    x[3 * columns + 19] = f32::NEG_INFINITY;
    x[4 * columns] = f32::MAX;
    x[5 * columns] = 2e-36;
    for context in contexts(1) {
        let (bytes, scales) = rows(&context, &x, columns);
        assert_eq!(scales[..2], [1.0, 1.0]);
        assert!(scales[2].is_nan() && scales[3].is_nan());
        assert_eq!(scales[4], f32::MAX / 127.0);
        let stride = row_bytes(columns);
        assert!(bytes[..4 * stride].iter().all(|byte| *byte == ZERO));
        assert_eq!((bytes[4 * stride], bytes[5 * stride]), (255, 255));
    }
}

#[test]
fn a_sequence_has_one_scale_and_does_not_see_others() {
    let (columns, lengths) = (24, [3, 1, 0, 5]);
    let x = Random(5).floats(9 * columns);
    for context in contexts(3) {
        let mut bytes = vec![0; 9 * row_bytes(columns)];
        let mut scales = vec![0.0; 9];
        quantize_sequences(&context, &x, columns, &lengths, &mut bytes, &mut scales).unwrap();
        let mut first = 0;
        for length in lengths {
            let own = &x[first * columns..(first + length) * columns];
            let scale = reference::scale(own.iter().copied(), 127.0);
            for row in first..first + length {
                assert_eq!(scales[row], scale);
                for at in 0..columns {
                    let step = reference::steps(x[row * columns + at], scale);
                    assert_eq!(i32::from(bytes[row * row_bytes(columns) + at]) - 128, step);
                }
            }
            first += length;
        }
        assert!(quantize_sequences(&context, &x, columns, &[3], &mut bytes, &mut scales).is_err());
    }
}

#[test]
fn a_given_scale_saturates_and_counts() {
    let mut x = Random(11).floats(3 * 50);
    let scale = 1.0 / 100.0; // all fit but these
    let wrong = [
        1.28,
        -1.28,
        1e30,
        f32::MIN,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
        1.2749,
        -1.2749,
    ];
    for (at, value) in wrong.into_iter().enumerate() {
        x[at * 16] = value;
    }
    for context in contexts(2) {
        let mut bytes = vec![0; 3 * row_bytes(50)];
        let saturated = quantize_static(&context, &x, 50, scale, &mut bytes).unwrap();
        assert_eq!(saturated, 7);
        for (at, x) in x.iter().enumerate() {
            let expected = if x.is_nan() {
                -127.0
            } else {
                (x / scale).round_ties_even().clamp(-127.0, 127.0)
            };
            let byte = bytes[at / 50 * row_bytes(50) + at % 50];
            assert_eq!(f32::from(byte) - 128.0, expected, "{x}");
        }
        for scale in [0.0, -1.0, f32::NAN, f32::INFINITY, 1e-38] {
            assert!(quantize_static(&context, &x, 50, scale, &mut bytes).is_err());
        }
    }
}

#[test]
fn wrong_sizes_are_refused() {
    let context = Context::new(Variant::detect(), 1).unwrap();
    let x = [1.0; 30];
    let (mut bytes, mut scales) = ([0; 48], [0.0; 3]);
    assert!(quantize_rows(&context, &x, 10, &mut bytes, &mut scales).is_ok());
    assert!(quantize_rows(&context, &x, 0, &mut bytes, &mut scales).is_err());
    assert!(quantize_rows(&context, &x, 7, &mut bytes, &mut scales).is_err());
    assert!(quantize_rows(&context, &x, 10, &mut bytes[1..], &mut scales).is_err());
    assert!(quantize_rows(&context, &x, 10, &mut bytes, &mut scales[1..]).is_err());
}
