//! Against plain loops in f64, and the promise that a row depends on nothing but itself.

use super::*;
use crate::training::testing::{close, contexts, random, same_bits, wide, within_canaries};

/// Σ over k of a(i, k)·b(k, j), for every i and j.
fn product(
    [rows, depth, columns]: [usize; 3],
    a: impl Fn(usize, usize) -> f32,
    b: impl Fn(usize, usize) -> f32,
) -> Vec<f64> {
    let mut to = vec![];
    for i in 0..rows {
        for j in 0..columns {
            to.push(
                (0..depth)
                    .map(|k| f64::from(a(i, k)) * f64::from(b(k, j)))
                    .sum(),
            );
        }
    }
    to
}

fn forward(x: &[f32], w: &[f32], b: &[f32], [t, i, o]: [usize; 3]) -> Vec<f64> {
    let mut y = product([t, i, o], |t, k| x[t * i + k], |k, o| w[o * i + k]);
    for (at, y) in y.iter_mut().enumerate() {
        *y += f64::from(b[at % o]);
    }
    y
}

const SHAPES: [[usize; 3]; 12] = [
    [1, 1, 1],
    [1, 300, 5],
    [2, 3, 31],
    [5, 16, 33],
    [6, 256, 32],
    [7, 257, 1],
    [65, 255, 100],
    [131, 64, 2],
    [33, 600, 97],
    [64, 80, 64],
    [500, 30, 60],
    [9, 40, 500],
];

#[test]
fn forward_and_both_gradients_are_those_of_f64() {
    for shape in SHAPES {
        let [t, i, o] = shape;
        let (x, w, b) = (random(t * i, 1), random(o * i, 2), random(o, 3));
        let dy = random(t * o, 4);
        let packed = PackedFloat::new(&w, o, i).unwrap();
        for context in contexts() {
            for weight in [Weight::Plain(&w), Weight::Packed(&packed)] {
                let y = within_canaries(t * o, |y| {
                    linear(&context, &x, weight, Some(&b), y, t, i, o).unwrap();
                });
                close(&y, &forward(&x, &w, &b, shape), 3e-5, 3e-5);
            }
            let dx = within_canaries(t * i, |dx| {
                linear_input_gradient(&context, &dy, &w, dx, t, i, o, false).unwrap();
            });
            let exact = product([t, o, i], |t, k| dy[t * o + k], |k, i_| w[k * i + i_]);
            close(&dx, &exact, 3e-5, 3e-5);
            let mut added = x.clone();
            linear_input_gradient(&context, &dy, &w, &mut added, t, i, o, true).unwrap();
            let sum: Vec<f64> = exact.iter().zip(wide(&x)).map(|(a, b)| a + b).collect();
            close(&added, &sum, 3e-5, 3e-5);

            let mut db = vec![9.0; o];
            let dw = within_canaries(o * i, |dw| {
                linear_weight_gradient(&context, &dy, &x, dw, Some(&mut db), t, i, o).unwrap();
            });
            let exact = product([o, t, i], |o_, k| dy[k * o + o_], |k, i_| x[k * i + i_]);
            close(&dw, &exact, 3e-5, 3e-5);
            close(
                &db,
                &product([1, t, o], |_, _| 1.0, |k, o_| dy[k * o + o_]),
                3e-5,
                3e-5,
            );
        }
    }
}

#[test]
fn a_row_depends_on_itself_alone_to_the_bit() {
    for [t, i, o] in [[70, 600, 97], [13, 257, 33], [66, 64, 1], [8, 40, 300]] {
        let (x, w, b) = (random(t * i, 1), random(o * i, 2), random(o, 3));
        let packed = PackedFloat::new(&w, o, i).unwrap();
        let all = contexts();
        let mut whole = vec![0.0; t * o];
        linear(
            &all[0],
            &x,
            Weight::Plain(&w),
            Some(&b),
            &mut whole,
            t,
            i,
            o,
        )
        .unwrap();
        for context in all {
            for weight in [Weight::Plain(&w), Weight::Packed(&packed)] {
                for (first, rows) in [(0, t), (0, 1), (t - 1, 1), (3, 1), (2, 5), (1, t - 1)] {
                    let mut y = vec![0.0; rows * o];
                    let x = &x[first * i..(first + rows) * i];
                    linear(&context, x, weight, Some(&b), &mut y, rows, i, o).unwrap();
                    same_bits(&y, &whole[first * o..(first + rows) * o]);
                }
            }
        }
    }
}

#[test]
fn gradients_have_the_same_bits_on_any_number_of_threads() {
    for [t, i, o] in [[1, 300, 200], [70, 260, 97], [300, 300, 1], [300, 1, 300]] {
        let (x, w, dy) = (random(t * i, 1), random(o * i, 2), random(t * o, 4));
        let results = contexts().into_iter().map(|context| {
            let (mut dx, mut dw, mut db) = (vec![0.0; t * i], vec![0.0; o * i], vec![0.0; o]);
            linear_input_gradient(&context, &dy, &w, &mut dx, t, i, o, false).unwrap();
            linear_weight_gradient(&context, &dy, &x, &mut dw, Some(&mut db), t, i, o).unwrap();
            [dx, dw, db].concat()
        });
        let results: Vec<Vec<f32>> = results.collect();
        for other in &results[1..] {
            same_bits(other, &results[0]);
        }
    }
}

#[test]
fn gelu_follows_the_product() {
    let [t, i, o] = [37, 50, 70];
    let (x, w, b) = (random(t * i, 1), random(o * i, 2), random(o, 3));
    for context in contexts() {
        let (mut u, mut kept, mut y, mut alone) = (
            vec![0.0; t * o],
            vec![0.0; t * o],
            vec![0.0; t * o],
            vec![0.0; t * o],
        );
        let weight = Weight::Plain(&w);
        linear(&context, &x, weight, Some(&b), &mut u, t, i, o).unwrap();
        linear_gelu(
            &context,
            &x,
            weight,
            Some(&b),
            Some(&mut kept),
            &mut y,
            t,
            i,
            o,
        )
        .unwrap();
        same_bits(&kept, &u);
        linear_gelu(&context, &x, weight, Some(&b), None, &mut alone, t, i, o).unwrap();
        same_bits(&alone, &y);
        training::gelu(&context, None, &mut u).unwrap();
        same_bits(&y, &u);
    }
}

#[test]
fn what_is_not_finite_stays_in_its_row() {
    let [t, i, o] = [9, 20, 40];
    let (mut x, w) = (random(t * i, 1), random(o * i, 2));
    let mut clean = vec![0.0; t * o];
    let context = &contexts()[0];
    linear(context, &x, Weight::Plain(&w), None, &mut clean, t, i, o).unwrap();
    x[4 * i + 3] = f32::NAN;
    x[6 * i] = f32::INFINITY;
    let mut y = vec![0.0; t * o];
    linear(context, &x, Weight::Plain(&w), None, &mut y, t, i, o).unwrap();
    for row in 0..t {
        let (found, expected) = (&y[row * o..(row + 1) * o], &clean[row * o..(row + 1) * o]);
        match row {
            4 => assert!(found.iter().all(|y| y.is_nan())),
            6 => assert!(found.iter().all(|y| y.is_infinite())),
            _ => same_bits(found, expected),
        }
    }
}

#[test]
fn lengths_that_do_not_fit_are_refused_by_name() {
    let context = &contexts()[0];
    let values = [0.0; 12];
    let refusal = |x: usize, w: usize, b: usize, y: usize, tokens: usize| {
        let (weight, bias) = (Weight::Plain(&values[..w]), Some(&values[..b]));
        let y = &mut vec![0.0; y];
        linear(context, &values[..x], weight, bias, y, tokens, 2, 3)
            .unwrap_err()
            .to_string()
    };
    assert!(refusal(7, 6, 3, 12, 4).starts_with("x has 7"));
    assert!(refusal(8, 5, 3, 12, 4).starts_with("weight has 5"));
    assert!(refusal(8, 6, 2, 12, 4).starts_with("bias has 2"));
    assert!(refusal(8, 6, 3, 11, 4).starts_with("y has 11"));
    assert!(refusal(0, 6, 3, 0, 0).starts_with("0 tokens"));
    let packed = PackedFloat::new(&values, 4, 3).unwrap();
    let y = &mut [0.0; 3];
    let error = linear(
        context,
        &values[..2],
        Weight::Packed(&packed),
        None,
        y,
        1,
        2,
        3,
    );
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("(4, 3), not (3, 2)")
    );
    assert!(PackedFloat::new(&values, 5, 3).is_err());
}
