//! What is refused.

use super::*;

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
