//! Nothing is written beside an output: those that the other tests do not look at.

use super::super::testing::{contexts, random, within_canaries};
use super::super::*;
use crate::linear::{linear_input_gradient, linear_weight_gradient};

/// Tokens and widths around whole vectors.
const SHAPES: [(usize, usize); 6] = [(1, 1), (2, 15), (3, 16), (5, 17), (7, 31), (33, 100)];

/// Runs `work` on N outputs of the given lengths, each with canaries around it.
fn all_within<const N: usize>(lengths: [usize; N], work: impl FnOnce([&mut [f32]; N])) {
    const ROOM: usize = 32;
    let mut ends = [0; N];
    let mut end = ROOM;
    for (to, len) in ends.iter_mut().zip(lengths) {
        end += len + ROOM;
        *to = end;
    }
    // one row of memory: what leaves an output is seen before it reaches the next one
    within_canaries(end, |all| {
        all.fill(CANARY);
        let mut rest = &mut *all;
        let outputs = lengths.map(|len| {
            let (output, after) = std::mem::take(&mut rest)[ROOM..].split_at_mut(len);
            rest = after;
            output
        });
        work(outputs);
        for (end, len) in ends.into_iter().zip(lengths) {
            let sides = [
                &all[end - len - 2 * ROOM..end - len - ROOM],
                &all[end - ROOM..end],
            ];
            assert!(
                sides.into_iter().flatten().all(|x| *x == CANARY),
                "written outside"
            );
        }
    });
}

const CANARY: f32 = -54_321.5;

#[test]
fn normalisation_and_its_gradient() {
    for context in contexts() {
        for (tokens, hidden) in SHAPES {
            let size = tokens * hidden;
            let (x, weight, bias) = (random(size, 1), random(hidden, 2), random(hidden, 3));
            let dropout = Dropout::new(5, 0.25).unwrap();
            let (mut kept, mut scales) = (vec![], vec![]);
            all_within([size, tokens, size], |[normalised, inverse, y]| {
                let outputs = (Some(&mut *normalised), Some(&mut *inverse));
                layer_norm(
                    &context, &x, None, dropout, &weight, &bias, 1e-5, outputs.0, outputs.1, y,
                    tokens, hidden,
                )
                .unwrap();
                (kept, scales) = (normalised.to_vec(), inverse.to_vec());
            });
            all_within([size, size, hidden, hidden], |[d_sum, dx, dw, db]| {
                layer_norm_gradient(
                    &context,
                    &x,
                    &kept,
                    &scales,
                    &weight,
                    dropout,
                    d_sum,
                    Some(dx),
                    dw,
                    db,
                    tokens,
                    hidden,
                )
                .unwrap();
            });
        }
    }
}

#[test]
fn gradients_of_a_linear_layer_that_add_and_sum() {
    for context in contexts() {
        for (tokens, inputs) in SHAPES {
            let outputs = inputs + 3;
            let (x, weight) = (random(tokens * inputs, 1), random(outputs * inputs, 2));
            let dy = random(tokens * outputs, 3);
            all_within([x.len(), weight.len(), outputs], |[dx, dw, db]| {
                dx.fill(1.0);
                linear_input_gradient(&context, &dy, &weight, dx, tokens, inputs, outputs, true)
                    .unwrap();
                linear_weight_gradient(&context, &dy, &x, dw, Some(db), tokens, inputs, outputs)
                    .unwrap();
            });
        }
    }
}

#[test]
fn sums_dropout_losses_and_the_optimiser() {
    for context in contexts() {
        for (tokens, width) in SHAPES {
            let size = tokens * width;
            let (a, b) = (random(size, 1), random(size, 2));
            let dropped = Dropout::new(9, 0.5).unwrap();
            all_within([size, size, width], |[sum, kept, columns]| {
                add(&context, Some(&a), &b, sum).unwrap();
                dropout(&context, Some(&a), kept, dropped).unwrap();
                column_sums(&context, &a, columns, tokens, width).unwrap();
            });
            let labels = vec![width as i32 - 1; tokens];
            all_within([size, size], |[hard, soft]| {
                cross_entropy(&a, &labels, hard, tokens, width).unwrap();
                distillation_loss(&a, &b, 2.0, soft, tokens, width).unwrap();
            });
            all_within([size, size, size], |[weight, first, second]| {
                let state = [&mut *weight, &mut *first, &mut *second];
                state.into_iter().for_each(|x| x.fill(0.5));
                let weights = &mut [AdamWeight {
                    weight,
                    gradient: &a,
                    first,
                    second,
                    decays: true,
                }];
                let settings = AdamSettings {
                    step: 1,
                    rate: 1e-3,
                    beta1: 0.9,
                    beta2: 0.999,
                    epsilon: 1e-8,
                    weight_decay: 0.01,
                    gradient_scale: 1.0,
                };
                adamw(&context, weights, settings).unwrap();
            });
        }
    }
}
