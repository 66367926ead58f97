use super::*;
use crate::int8::{
    PackedWeights, RowScales, Rows, linear, linear_add, linear_columns, linear_gelu, linear_to_u8,
    reference, row_bytes,
};

struct Case {
    rows: usize,
    inputs: usize,
    outputs: usize,
    steps: Vec<i32>,
    bytes: Vec<u8>,
    row_scales: Vec<f32>,
    values: Vec<i8>,
    scales: Vec<f32>,
    bias: Vec<f32>,
}

impl Case {
    fn new(rows: usize, inputs: usize, outputs: usize, random: &mut Random) -> Self {
        let steps: Vec<i32> = random
            .weights(rows * inputs)
            .into_iter()
            .map(i32::from)
            .collect();
        let mut case = Self {
            rows,
            inputs,
            outputs,
            steps,
            bytes: vec![],
            row_scales: random.floats(rows).iter().map(|x| x.abs() + 0.1).collect(),
            values: random.weights(outputs * inputs),
            scales: random
                .floats(outputs)
                .iter()
                .map(|x| x.abs() + 0.1)
                .collect(),
            bias: random.floats(outputs),
        };
        case.set_steps();
        case
    }

    fn set_steps(&mut self) {
        let stride = row_bytes(self.inputs);
        // what is in the padding of a row must not matter
        self.bytes = vec![201; self.rows * stride];
        for (row, steps) in self.steps.chunks(self.inputs).enumerate() {
            for (at, step) in steps.iter().enumerate() {
                self.bytes[row * stride + at] = (step + 128) as u8;
            }
        }
    }

    fn x(&self) -> Rows<'_> {
        Rows {
            bytes: &self.bytes,
            scales: RowScales::Each(&self.row_scales),
        }
    }

    fn weights(&self) -> PackedWeights {
        PackedWeights::new(&self.values, &self.scales, self.outputs, self.inputs).unwrap()
    }

    /// Exact sums, then the two roundings of the kernel.
    fn expected(&self) -> Vec<f32> {
        let sums = reference::product(&self.steps, &self.values, self.inputs);
        sums.iter()
            .enumerate()
            .map(|(at, sum)| {
                let (row, output) = (at / self.outputs, at % self.outputs);
                let scaled = *sum as i32 as f32 * self.row_scales[row];
                scaled.mul_add(self.scales[output], self.bias[output])
            })
            .collect()
    }

    fn linear(&self, context: &Context) -> Vec<f32> {
        let mut y = guarded(self.rows * self.outputs);
        linear(
            context,
            self.x(),
            &self.weights(),
            &self.bias,
            inside(&mut y),
        )
        .unwrap();
        assert_guards(&y);
        inside(&mut y).to_vec()
    }
}

#[test]
fn sums_are_exact_for_all_tails() {
    let mut random = Random(1);
    let mut shapes = vec![
        (1, 1, 1),
        (1, 3072, 33),
        (33, 768, 50),
        (2, 5, 16),
        (100, 64, 96),
    ];
    for rows in 1..=30 {
        let inputs = [1, 3, 4, 5, 16, 31, 60, 77][rows % 8];
        let outputs = [1, 15, 16, 17, 31, 32, 33, 48, 63][rows % 9];
        shapes.push((rows, inputs, outputs));
    }
    for (rows, inputs, outputs) in shapes {
        let case = Case::new(rows, inputs, outputs, &mut random);
        let expected = bits(&case.expected());
        for context in contexts(1) {
            let found = bits(&case.linear(&context));
            assert_eq!(found, expected, "{rows} × {inputs} × {outputs}");
        }
    }
}

#[test]
fn extreme_values_do_not_overflow() {
    for (inputs, x, w) in [
        (3072, 127, 127),
        (3072, -127, 127),
        (3072, -127, -127),
        (65_536, 127, -127),
    ] {
        let mut case = Case::new(3, inputs, 17, &mut Random(2));
        case.steps.fill(x);
        case.set_steps();
        case.values.fill(w as i8);
        case.row_scales.fill(1.0);
        case.scales.fill(1.0);
        case.bias.fill(0.0);
        for context in contexts(1) {
            let y = case.linear(&context);
            assert!(
                y.iter().all(|y| *y == (x * w * inputs as i32) as f32),
                "{}",
                y[0]
            );
        }
    }
    // bytes of 0 are not made by quantization, but do not overflow either
    let mut case = Case::new(2, 3072, 16, &mut Random(2));
    case.bytes.fill(0);
    case.values.fill(-128);
    case.row_scales.fill(1.0);
    case.scales.fill(1.0);
    case.bias.fill(0.0);
    for context in contexts(1) {
        assert!(
            case.linear(&context)
                .iter()
                .all(|y| *y == (128 * 128 * 3072) as f32)
        );
    }
}

#[test]
fn threads_batch_and_position_change_no_bit() {
    let mut random = Random(9);
    let case = Case::new(90, 300, 200, &mut random);
    let expected = bits(&case.expected());
    for threads in 1..=3 {
        for context in contexts(threads) {
            assert_eq!(bits(&case.linear(&context)), expected);
        }
    }
    // a row alone, and in another place
    let context = Context::new(Variant::detect(), 2).unwrap();
    let stride = row_bytes(300);
    for row in [0, 13, 89] {
        let x = Rows {
            bytes: &case.bytes[row * stride..(row + 1) * stride],
            scales: RowScales::One(case.row_scales[row]),
        };
        let mut y = vec![0.0; 200];
        linear(&context, x, &case.weights(), &case.bias, &mut y).unwrap();
        assert_eq!(bits(&y), expected[row * 200..(row + 1) * 200]);
    }
}

#[test]
fn epilogues_follow_the_sums() {
    let mut random = Random(4);
    let mut case = Case::new(37, 77, 51, &mut random);
    case.row_scales.iter_mut().for_each(|s| *s /= 20_000.0);
    let plain = case.expected();
    let residual = random.floats(plain.len());
    for context in contexts(2) {
        let mut y = guarded(plain.len());
        linear_add(
            &context,
            case.x(),
            &case.weights(),
            &case.bias,
            &residual,
            inside(&mut y),
        )
        .unwrap();
        assert_guards(&y);
        let expected: Vec<f32> = plain.iter().zip(&residual).map(|(a, b)| a + b).collect();
        assert_eq!(bits(inside(&mut y)), bits(&expected));

        linear_gelu(
            &context,
            case.x(),
            &case.weights(),
            &case.bias,
            inside(&mut y),
        )
        .unwrap();
        assert_guards(&y);
        let gelu = inside(&mut y).to_vec();
        for (y, x) in gelu.iter().zip(&plain) {
            let x = f64::from(*x);
            // Abramowitz and Stegun 7.1.26 is good to 1.5e-7
            let t = 1.0 / (1.0 + 0.327_591_1 * x.abs() / 2f64.sqrt());
            let p = [
                0.254_829_592,
                -0.284_496_736,
                1.421_413_741,
                -1.453_152_027,
                1.061_405_429,
            ];
            let poly = p.iter().rev().fold(0.0, |sum, c| (sum + c) * t);
            let erf = (1.0 - poly * (-x * x / 2.0).exp()) * x.signum();
            let expected = x * 0.5 * (1.0 + erf);
            assert!(
                (f64::from(*y) - expected).abs() < 4e-7 * (1.0 + x.abs()),
                "{x} {y}"
            );
        }

        for (with_gelu, expected) in [(false, &plain), (true, &gelu)] {
            let stride = row_bytes(51);
            let mut bytes = vec![9u8; 37 * stride];
            let scale = 0.01;
            let saturated = linear_to_u8(
                &context,
                case.x(),
                &case.weights(),
                &case.bias,
                with_gelu,
                scale,
                &mut bytes,
            )
            .unwrap();
            let mut over = 0;
            for (at, x) in expected.iter().enumerate() {
                let steps = (x / scale).round_ties_even();
                over += u64::from(steps.abs() > 127.0);
                let byte = bytes[at / 51 * stride + at % 51];
                assert_eq!(f32::from(byte) - 128.0, steps.clamp(-127.0, 127.0));
            }
            assert!(
                bytes
                    .chunks(stride)
                    .all(|row| row[51..].iter().all(|byte| *byte == 128))
            );
            assert!(over > 0 && saturated == over);
        }
    }
}

#[test]
fn columns_are_those_of_the_whole() {
    let case = Case::new(29, 40, 100, &mut Random(6));
    let whole = case.expected();
    for context in contexts(1) {
        for (first, count) in [
            (0, 100),
            (16, 32),
            (5, 3),
            (20, 40),
            (90, 10),
            (99, 1),
            (31, 2),
            (7, 0),
        ] {
            let (stride, at) = (count + 5, 3);
            let mut y = guarded(29 * stride);
            let to = inside(&mut y);
            linear_columns(
                &context,
                case.x(),
                &case.weights(),
                &case.bias,
                first,
                count,
                to,
                stride,
                at,
            )
            .unwrap();
            for (row, y) in to.chunks(stride).enumerate() {
                let expected = &whole[row * 100 + first..row * 100 + first + count];
                assert_eq!(bits(&y[at..at + count]), bits(expected));
                assert!(y[..at].iter().chain(&y[at + count..]).all(|y| *y == CANARY));
            }
            assert_guards(&y);
        }
        let mut y = vec![0.0; 29 * 10];
        let refused = |first, count, stride, at, y: &mut [f32]| {
            let weights = case.weights();
            linear_columns(
                &context,
                case.x(),
                &weights,
                &case.bias,
                first,
                count,
                y,
                stride,
                at,
            )
            .is_err()
        };
        assert!(refused(95, 6, 10, 0, &mut y));
        assert!(refused(0, 8, 10, 3, &mut y));
        assert!(refused(0, 10, 11, 0, &mut y));
        assert!(refused(usize::MAX, 2, 10, 0, &mut y));
    }
}

#[test]
fn a_row_that_is_not_a_number_stays_alone() {
    let mut case = Case::new(6, 20, 18, &mut Random(8));
    case.row_scales[2] = f32::NAN;
    let expected = case.expected();
    for context in contexts(1) {
        let y = case.linear(&context);
        assert_eq!(bits(&y), bits(&expected));
        assert_eq!(y.iter().filter(|y| y.is_nan()).count(), 18);
    }
}

#[test]
fn wrong_sizes_are_refused() {
    let case = Case::new(4, 20, 18, &mut Random(8));
    let context = Context::new(Variant::detect(), 1).unwrap();
    let weights = case.weights();
    let mut y = vec![0.0; 4 * 18];
    let x = case.x();
    assert!(linear(&context, x, &weights, &case.bias, &mut y).is_ok());
    assert!(linear(&context, x, &weights, &case.bias[1..], &mut y).is_err());
    assert!(linear(&context, x, &weights, &case.bias, &mut y[1..]).is_err());
    let short = Rows {
        bytes: &case.bytes[1..],
        ..x
    };
    assert!(linear(&context, short, &weights, &case.bias, &mut y).is_err());
    let few = Rows {
        scales: RowScales::Each(&case.row_scales[1..]),
        ..x
    };
    assert!(linear(&context, few, &weights, &case.bias, &mut y).is_err());
    assert!(PackedWeights::new(&[], &[], 0, 4).is_err());
    assert!(PackedWeights::new(&[1; 8], &[1.0], 2, 4).is_err());
    assert!(PackedWeights::new(&[1; 7], &[1.0; 2], 2, 4).is_err());
    assert!(PackedWeights::new(&[], &[], usize::MAX, 4).is_err());
}
