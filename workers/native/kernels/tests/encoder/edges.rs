//! Nothing is written beside an output; numbers that are not finite stay with the sequences that use them.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use stillwatt_kernels::encoder::{Batch, Encoder};
use stillwatt_kernels::{Context, Variant};

use crate::model::{Spec, TINY, Tensor, kinds, write};

static GO_ON: AtomicBool = AtomicBool::new(false);
const CANARY: f32 = -12_345.5;

fn contexts() -> Vec<Arc<Context>> {
    let supported = Variant::ALL.into_iter().filter(|each| each.is_supported());
    supported
        .flat_map(|variant| [1, 2].map(|threads| Arc::new(Context::new(variant, threads).unwrap())))
        .collect()
}

fn load(context: &Arc<Context>, spec: &Spec, tensors: &[Tensor]) -> Encoder {
    let config = spec.config();
    Encoder::load(Arc::clone(context), config.as_bytes(), &write(tensors)).unwrap()
}

fn batch<'a>(ids: &'a [i32], lengths: &'a [i32]) -> Batch<'a> {
    Batch {
        ids,
        lengths,
        types: None,
    }
}

/// Runs `work` on `len` values within a larger buffer and checks that its surroundings stay.
fn within(len: usize, work: impl FnOnce(&mut [f32])) -> Vec<f32> {
    let mut all = vec![CANARY; len + 64];
    work(&mut all[32..32 + len]);
    for side in [&all[..32], &all[32 + len..]] {
        assert!(side.iter().all(|x| *x == CANARY), "written outside");
    }
    all[32..32 + len].to_vec()
}

fn run(encoder: &Encoder, batch: &Batch) -> Vec<f32> {
    within(encoder.output_len(batch), |output| {
        encoder.run(batch, output, &GO_ON).unwrap();
    })
}

#[test]
fn outputs_and_states_are_all_that_is_written() {
    let ids = [
        7, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,
    ];
    for kind in kinds(TINY) {
        for (hidden, heads, labels) in [(64, 2, 0), (64, 2, 3), (33, 3, 1), (7, 7, 0)] {
            let spec = Spec {
                hidden,
                heads,
                labels,
                ..kind
            };
            let tensors = spec.tensors(3);
            for context in contexts() {
                let encoder = load(&context, &spec, &tensors);
                for lengths in [&[1][..], &[1, 18], &[17, 1, 1], &[]] {
                    let tokens = lengths.iter().sum::<i32>() as usize;
                    let batch = batch(&ids[..tokens], lengths);
                    let alone = run(&encoder, &batch);
                    let mut output = vec![];
                    let states = within(encoder.states_len(&batch), |states| {
                        output = within(encoder.output_len(&batch), |output| {
                            encoder
                                .run_with_states(&batch, output, states, &GO_ON)
                                .unwrap();
                        });
                    });
                    assert_eq!(output, alone);
                    // each was written
                    assert!(states.iter().chain(&output).all(|x| *x != CANARY));
                }
            }
        }
    }
}

/// Puts a value into the embedding of a token.
fn poison(tensors: &mut [Tensor], hidden: usize, id: usize, value: f32) {
    let is_table = |tensor: &&mut Tensor| tensor.name.ends_with("word_embeddings.weight");
    let table = tensors.iter_mut().find(is_table).unwrap();
    let at = 4 * (id * hidden + hidden / 2);
    table.bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

#[test]
fn what_is_not_finite_stays_in_its_sequence() {
    let ids = [1, 2, 3, 9, 4, 5, 9, 1, 2, 3];
    let lengths = [3, 3, 1, 3];
    for spec in kinds(TINY) {
        let clean = spec.tensors(4);
        for context in contexts() {
            let expected = run(&load(&context, &spec, &clean), &batch(&ids, &lengths));
            for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let mut tensors = clean.clone();
                poison(&mut tensors, spec.hidden, 9, value);
                let found = run(&load(&context, &spec, &tensors), &batch(&ids, &lengths));
                for (at, (found, expected)) in found.iter().zip(&expected).enumerate() {
                    let is_poisoned = [1, 2].contains(&(at / spec.labels));
                    assert_eq!(found.is_nan(), is_poisoned, "{spec:?}, {value}, label {at}");
                    assert!(is_poisoned || found.to_bits() == expected.to_bits());
                }
            }
        }
    }
}

#[test]
fn denormal_weights_and_embeddings_give_numbers() {
    let ids = [1, 2, 3, 4, 5, 6];
    for spec in kinds(TINY) {
        for value in [1e-41f32, -0.0, 1e-38] {
            let mut tensors = spec.tensors(5);
            for tensor in tensors.iter_mut().filter(|tensor| tensor.dtype == "F32") {
                if !tensor.name.ends_with("_scale") && !tensor.name.contains("inhibitor") {
                    tensor.bytes = value.to_le_bytes().repeat(tensor.bytes.len() / 4);
                }
            }
            let outputs: Vec<Vec<f32>> = contexts()
                .iter()
                .map(|context| run(&load(context, &spec, &tensors), &batch(&ids, &[5, 1])))
                .collect();
            for output in &outputs {
                assert!(output.iter().all(|x| x.is_finite()), "{spec:?}, {value}");
                assert_eq!(output, &outputs[0]);
            }
        }
    }
}
