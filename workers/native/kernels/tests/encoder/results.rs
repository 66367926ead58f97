//! Results depend on the model and the sequence: not on threads, variant, or what else is in the batch.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use stillwatt_kernels::encoder::{Batch, Encoder};
use stillwatt_kernels::{Context, KernelError, Variant};

use crate::model::{Random, Spec, TINY, kinds};

static GO_ON: AtomicBool = AtomicBool::new(false);

fn load(spec: &Spec, variant: Variant, threads: usize) -> Encoder {
    let context = Arc::new(Context::new(variant, threads).unwrap());
    Encoder::load(context, spec.config().as_bytes(), &spec.safetensors(7)).unwrap()
}

fn run(encoder: &Encoder, ids: &[i32], lengths: &[i32]) -> Vec<u32> {
    let batch = Batch {
        ids,
        lengths,
        types: None,
    };
    let mut output = vec![f32::NAN; encoder.output_len(&batch)];
    encoder.run(&batch, &mut output, &GO_ON).unwrap();
    assert!(output.iter().all(|value| value.is_finite()));
    output.into_iter().map(f32::to_bits).collect()
}

/// Sequences of every length that the model has, twice over: more than a chunk.
struct Sequences {
    ids: Vec<i32>,
    lengths: Vec<i32>,
}

impl Sequences {
    fn of(spec: &Spec) -> Self {
        let mut random = Random::new(5);
        let lengths: Vec<i32> = (1..=spec.positions as i32)
            .chain((1..=spec.positions as i32).rev())
            .collect();
        let tokens = lengths.iter().sum::<i32>() as usize;
        let ids = (0..tokens)
            .map(|_| random.below(spec.vocabulary) as i32)
            .collect();
        Self { ids, lengths }
    }

    fn ids(&self, index: usize) -> &[i32] {
        let start = self.lengths[..index].iter().sum::<i32>() as usize;
        &self.ids[start..start + self.lengths[index] as usize]
    }
}

#[test]
fn a_sequence_has_the_same_bits_alone_in_any_batch_with_any_threads_and_variant() {
    for kind in kinds(TINY) {
        for labels in [0, 3] {
            let spec = Spec { labels, ..kind };
            let all = Sequences::of(&spec);
            assert!(all.ids.len() > 1024);
            let one = load(&spec, Variant::detect(), 1);
            let together = run(&one, &all.ids, &all.lengths);
            let mut at = 0;
            for (index, length) in all.lengths.iter().enumerate() {
                let alone = run(&one, all.ids(index), &[*length]);
                assert_eq!(
                    alone,
                    together[at..at + alone.len()],
                    "{spec:?}, length {length}"
                );
                at += alone.len();
            }
            for variant in Variant::ALL
                .into_iter()
                .filter(|variant| variant.is_supported())
            {
                for threads in [1, 2, 3] {
                    let found = run(&load(&spec, variant, threads), &all.ids, &all.lengths);
                    assert_eq!(found, together, "{spec:?}, {variant:?}, {threads} threads");
                }
            }
        }
    }
}

#[test]
fn heads_of_other_sizes_too() {
    for (hidden, heads) in [(48, 3), (20, 2), (33, 3), (128, 1), (7, 7)] {
        for kind in kinds(Spec {
            hidden,
            heads,
            positions: 9,
            ..TINY
        }) {
            let all = Sequences::of(&kind);
            let together = run(&load(&kind, Variant::detect(), 2), &all.ids, &all.lengths);
            let scalar = load(&kind, Variant::Scalar, 1);
            for (index, length) in all.lengths.iter().enumerate() {
                let alone = run(&scalar, all.ids(index), &[*length]);
                assert_eq!(
                    alone,
                    together[index * 3..index * 3 + 3],
                    "{kind:?}, length {length}"
                );
            }
        }
    }
}

#[test]
fn the_short_last_layer_is_exact_and_states_end_in_the_output() {
    for kind in kinds(TINY) {
        for labels in [0, 3] {
            let spec = Spec { labels, ..kind };
            let all = Sequences::of(&spec);
            let encoder = load(&spec, Variant::detect(), 1);
            let batch = Batch {
                ids: &all.ids,
                lengths: &all.lengths,
                types: None,
            };
            let mut output = vec![0.0; encoder.output_len(&batch)];
            let mut states = vec![f32::NAN; encoder.states_len(&batch)];
            encoder
                .run_with_states(&batch, &mut output, &mut states, &GO_ON)
                .unwrap();
            assert!(states.iter().all(|value| value.is_finite()));
            let output: Vec<u32> = output.into_iter().map(f32::to_bits).collect();
            assert_eq!(output, run(&encoder, &all.ids, &all.lengths), "{spec:?}");
            if labels == 0 {
                let last = &states[states.len() - output.len()..];
                assert!(last.iter().map(|value| value.to_bits()).eq(output));
            }
        }
    }
}

#[test]
fn token_types_count() {
    let encoder = load(&TINY, Variant::detect(), 1);
    let of = |types: Option<&[i32]>| {
        let batch = Batch {
            ids: &[3, 4, 5],
            lengths: &[3],
            types,
        };
        let mut output = [0.0; 3];
        encoder.run(&batch, &mut output, &GO_ON).map(|()| output)
    };
    assert_eq!(of(None), of(Some(&[0, 0, 0])));
    assert_ne!(of(None), of(Some(&[0, 1, 1])));
    assert!(
        of(Some(&[0, 2, 0]))
            .unwrap_err()
            .to_string()
            .contains("types[1] is 2")
    );
}

#[test]
fn what_does_not_fit_the_model_is_named() {
    let encoder = load(&TINY, Variant::detect(), 1);
    let refused = |ids: &[i32], lengths: &[i32], outputs: usize, words: &str| {
        let batch = Batch {
            ids,
            lengths,
            types: None,
        };
        let error = encoder
            .run(&batch, &mut vec![0.0; outputs], &GO_ON)
            .unwrap_err();
        assert!(matches!(error, KernelError::Invalid(_)));
        assert!(error.to_string().contains(words), "{error}");
    };
    refused(&[1, 50], &[2], 3, "ids[1] is 50; the model has 0 to 49");
    refused(&[-1], &[1], 3, "ids[0] is -1");
    refused(&[1], &[1, 0], 6, "lengths[1] is 0; 1 to 40");
    refused(&[1; 41], &[41], 3, "lengths[0] is 41");
    refused(&[1, 2], &[1], 3, "ids has 2 values");
    refused(&[1, 2], &[1, 1], 3, "output has 3 values");
    refused(&[], &[i32::MAX; 3], 9, "lengths[0]");
    refused(&[], &[i32::MIN], 3, "lengths[0] is -2147483648");
    assert!(run(&encoder, &[], &[]).is_empty());
}

#[test]
fn a_run_ends_where_it_is_cancelled_and_the_next_one_is_unharmed() {
    let encoder = load(&TINY, Variant::detect(), 2);
    let all = Sequences::of(&TINY);
    let before = run(&encoder, &all.ids, &all.lengths);
    let batch = Batch {
        ids: &all.ids,
        lengths: &all.lengths,
        types: None,
    };
    let mut output = vec![0.0; encoder.output_len(&batch)];
    let result = encoder.run(&batch, &mut output, &AtomicBool::new(true));
    assert_eq!(result, Err(KernelError::Cancelled));
    assert_eq!(run(&encoder, &all.ids, &all.lengths), before);
}

#[test]
fn runs_on_several_threads_at_once_wait_for_each_other() {
    let encoder = load(&TINY, Variant::detect(), 2);
    let all = Sequences::of(&TINY);
    let before = run(&encoder, &all.ids, &all.lengths);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(run(&encoder, &all.ids, &all.lengths), before));
        }
    });
}
