//! Bits against plain loops; what they do not depend on; the ends of the range.

use super::*;

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
            let [a, b, c] = [&case, &other, &alone].map(|case| run(&context, case, core));
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
                let found = run(&context, &case, core);
                assert!(found.iter().all(|x| x.is_nan()));
            }
            let mut case = Case::new(40, 33, 16, &mut Random(1));
            case.data.fill(0.0);
            let found = run(&context, &case, core);
            assert!(found.iter().all(|x| *x == 0.0));
            // tiny q and k: all keys weigh the same, padding weighs nothing
            let mut case = Case::new(40, 33, 16, &mut Random(1));
            for row in case.data.chunks_mut(53) {
                row[..32].iter_mut().for_each(|x| *x *= 1e-12);
            }
            let found = run(&context, &case, core);
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
            let found = run(&context, &case, core);
            assert_eq!(bits(&found), bits(&expected(&case, core)));
        }
    }
}
