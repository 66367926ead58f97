//! What a result may not depend on, to the bit.

use super::*;

#[test]
fn variants_and_threads_give_the_same_bits() {
    for (seed, shape) in SHAPES[..8].iter().chain(&SHAPES[10..11]).enumerate() {
        let case = case(*shape, 100 + seed as u64);
        let all = contexts();
        let (scalar, others) = {
            let at = all
                .iter()
                .position(|c| c.variant == crate::Variant::Scalar)
                .unwrap();
            (
                &all[at],
                all.iter()
                    .enumerate()
                    .filter(move |(other, _)| *other != at),
            )
        };
        let results = |context: &Context| {
            let [output, log_sums] = dot(context, &case);
            let mut all = vec![output, log_sums, dot_gradient(context, &case)];
            for (settings, mode) in settings(&case).iter().zip(&MODES[seed % 2..]) {
                all.push(inhibitor(context, &case, settings));
                let (gradient, scalars) = inhibitor_gradient(context, &case, settings, *mode);
                all.push(gradient);
                all.extend(scalars);
            }
            all
        };
        let expected = results(scalar);
        for (_, context) in others {
            for (found, expected) in results(context).iter().zip(&expected) {
                same_bits(found, expected);
            }
        }
    }
}

#[test]
fn a_sequence_depends_on_itself_alone() {
    let lengths = [19, 33, 0, 7];
    let case = case((33, 3, 24, &lengths), 9);
    let context = Context::new(crate::Variant::detect(), 2).unwrap();
    let one = &settings(&case)[0];
    for (sequence, n) in lengths.into_iter().enumerate().filter(|(_, n)| *n > 0) {
        // alone, without padding
        let hidden = case.shape.hidden();
        let rows = |values: &[f32], width: usize| {
            let from = sequence * case.shape.tokens * width;
            values[from..from + n as usize * width].to_vec()
        };
        let alone = Case {
            shape: Shape {
                batch: 1,
                tokens: n as usize,
                ..case.shape
            },
            lengths: vec![n],
            projected: rows(&case.projected, 3 * hidden),
            g: rows(&case.g, hidden),
        };
        let same = |together: Vec<f32>, alone: Vec<f32>| {
            same_bits(
                &rows(&together, together.len() / case.g.len() * hidden),
                &alone,
            );
        };
        same(
            dot(&context, &case)[0].clone(),
            dot(&context, &alone)[0].clone(),
        );
        same(
            dot_gradient(&context, &case),
            dot_gradient(&context, &alone),
        );
        same(
            inhibitor(&context, &case, one),
            inhibitor(&context, &alone, one),
        );
        let gradient = |case| inhibitor_gradient(&context, case, one, QkGradient::Sign).0;
        same(gradient(&case), gradient(&alone));
    }
}

#[test]
fn padding_is_zero_and_what_is_in_it_does_not_matter() {
    let mut case = case((20, 2, 16, &[13, 0]), 3);
    let one = &settings(&case)[0];
    let results = |case: &Case| {
        let [output, log_sums] = dot(&fastest(), case);
        let (gradient, _) = inhibitor_gradient(&fastest(), case, one, QkGradient::Clamp);
        [
            output,
            log_sums,
            dot_gradient(&fastest(), case),
            inhibitor(&fastest(), case, one),
            gradient,
        ]
    };
    let before = results(&case);
    let (hidden, real) = (case.shape.hidden(), 13);
    case.projected[real * 3 * hidden..].fill(f32::NAN);
    case.g[real * hidden..].fill(f32::NAN);
    for (found, expected) in results(&case).iter().zip(&before) {
        same_bits(found, expected);
    }
    for found in [0, 2, 3, 4].map(|at: usize| &before[at]) {
        let width = found.len() / 40;
        assert!(found[real * width..].iter().all(|x| x.to_bits() == 0));
        assert!(found[..real * width].iter().any(|x| *x != 0.0));
    }
}
