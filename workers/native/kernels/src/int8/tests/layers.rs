use super::*;
use crate::attention::Shape;
use crate::int8::{Head, InhibitorParameters, dot_attention, inhibitor_attention, reference};

const SHAPE: Shape = Shape {
    batch: 3,
    tokens: 37,
    heads: 4,
    features: 20,
};
const LENGTHS: [i32; 3] = [37, 0, 21];

fn parameters(head: usize) -> InhibitorParameters {
    InhibitorParameters {
        alpha: 0.5,
        beta: 1.0 + head as f32,
        gamma: 0.8,
        normalise: true,
        center_over_all: head == 1,
    }
}

fn compute(context: &Context, is_dot: bool, projected: &[f32]) -> Vec<f32> {
    let mut out = guarded(SHAPE.batch * SHAPE.tokens * SHAPE.hidden());
    let to = inside(&mut out);
    if is_dot {
        dot_attention(context, SHAPE, projected, &LENGTHS, to).unwrap();
    } else {
        inhibitor_attention(context, SHAPE, parameters, projected, &LENGTHS, to).unwrap();
    }
    let found = to.to_vec();
    assert_guards(&out);
    found
}

/// The plain loops, head by head.
fn expected(is_dot: bool, projected: &[f32]) -> Vec<f32> {
    let (
        Shape {
            tokens,
            heads,
            features: d,
            ..
        },
        hidden,
    ) = (SHAPE, SHAPE.hidden());
    let mut out = vec![0.0; SHAPE.batch * tokens * hidden];
    for (sequence, valid) in LENGTHS
        .into_iter()
        .enumerate()
        .filter(|(_, valid)| *valid > 0)
    {
        for at in 0..heads {
            let rows = &projected[sequence * tokens * 3 * hidden..][..tokens * 3 * hidden];
            let head = Head {
                q: &rows[at * d..],
                k: &rows[hidden + at * d..],
                v: &rows[2 * hidden + at * d..],
                stride: 3 * hidden,
                d,
                tokens,
                valid: valid as usize,
                scales: None,
            };
            let found = if is_dot {
                reference::dot(&head, 1.0 / (d as f32).sqrt())
            } else {
                reference::inhibitor(&head, &parameters(at))
            };
            for (row, values) in found.chunks(d).enumerate() {
                out[(sequence * tokens + row) * hidden + at * d..][..d].copy_from_slice(values);
            }
        }
    }
    out
}

#[test]
fn layers_are_the_plain_loops_of_each_head() {
    let projected = Random(60).floats(SHAPE.batch * SHAPE.tokens * 3 * SHAPE.hidden());
    for threads in [1, 3] {
        for context in contexts(threads) {
            for is_dot in [true, false] {
                let found = compute(&context, is_dot, &projected);
                assert_eq!(bits(&found), bits(&expected(is_dot, &projected)));
            }
        }
    }
}

#[test]
fn layers_of_wrong_sizes_are_refused() {
    let context = Context::new(Variant::detect(), 1).unwrap();
    let size = SHAPE.batch * SHAPE.tokens * SHAPE.hidden();
    let (projected, mut out) = (vec![0.0; 3 * size], vec![0.0; size]);
    let mut refused = |shape, projected: &[f32], lengths: &[i32]| {
        dot_attention(&context, shape, projected, lengths, &mut out).is_err()
    };
    assert!(refused(SHAPE, &projected[1..], &LENGTHS));
    assert!(refused(SHAPE, &projected, &[1, 2]));
    assert!(refused(SHAPE, &projected, &[1, 2, 38]));
    let wide = Shape {
        heads: 1,
        features: 80,
        ..SHAPE
    };
    assert!(!refused(wide, &projected, &LENGTHS));
    let wider = Shape {
        batch: 1,
        tokens: 37,
        heads: 1,
        features: 240,
    };
    assert!(refused(wider, &projected, &[37]));
}
