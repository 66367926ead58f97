//! Files that do not fit together are refused with words that name the key or tensor.

use std::sync::Arc;

use stillwatt_kernels::encoder::Encoder;
use stillwatt_kernels::{Context, KernelError, Variant};

use crate::model::{Random, Spec, TINY, Tensor, kinds, with_header, write};

fn load(config: &str, file: &[u8]) -> Result<Encoder, KernelError> {
    let context = Arc::new(Context::new(Variant::detect(), 1).unwrap());
    Encoder::load(context, config.as_bytes(), file)
}

#[track_caller]
fn refused(config: &str, file: &[u8], words: &[&str]) {
    match load(config, file) {
        Err(KernelError::Invalid(text)) => {
            for word in words {
                assert!(text.contains(word), "no {word:?} in {text:?}");
            }
        }
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("loaded, but should have named {words:?}"),
    }
}

fn tensor<'a>(tensors: &'a mut [Tensor], name: &str) -> &'a mut Tensor {
    tensors
        .iter_mut()
        .find(|tensor| tensor.name.ends_with(name))
        .unwrap()
}

const QUERY: &str = "encoder.layer.1.attention.self.query.weight";

#[test]
fn all_kinds_load_with_a_head_and_without() {
    for kind in kinds(TINY) {
        for labels in [0, 1, 3] {
            let spec = Spec { labels, ..kind };
            let encoder = load(&spec.config(), &spec.safetensors(1)).unwrap();
            assert_eq!(encoder.config().labels, labels);
            assert!(encoder.footprint().weight_bytes > 10_000);
        }
    }
}

#[test]
fn buffers_and_heads_of_pre_training_are_ignored_an_unused_pooler_is_checked() {
    let spec = Spec { labels: 0, ..TINY };
    let mut tensors = spec.tensors(1);
    let extra = |name: &str, shape: &[usize]| Tensor {
        name: name.into(),
        dtype: "F32",
        shape: shape.to_vec(),
        bytes: vec![0; 4 * shape.iter().product::<usize>()],
    };
    tensors.push(extra("cls.predictions.bias", &[50]));
    tensors.push(extra("pooler.dense.weight", &[64, 64]));
    tensors.push(extra("pooler.dense.bias", &[64]));
    load(&spec.config(), &write(&tensors)).unwrap();
    tensors.pop();
    tensors.push(extra("pooler.dense.bias", &[63]));
    refused(
        &spec.config(),
        &write(&tensors),
        &["pooler.dense.bias", "[63]", "[64]"],
    );
    tensors.pop();
    refused(
        &spec.config(),
        &write(&tensors),
        &["pooler.dense.bias", "missing"],
    );
    tensors.push(extra("surprise", &[1]));
    tensors.push(extra("pooler.dense.bias", &[64]));
    refused(&spec.config(), &write(&tensors), &["surprise"]);
}

#[test]
fn every_missing_tensor_is_named() {
    for spec in kinds(TINY) {
        let tensors = spec.tensors(1);
        for without in 0..tensors.len() {
            let mut rest = tensors.clone();
            let name = rest.remove(without).name;
            let name = name
                .trim_start_matches("distil")
                .trim_start_matches("bert.");
            refused(&spec.config(), &write(&rest), &[name, "missing"]);
        }
    }
}

#[test]
fn a_wrong_shape_or_dtype_is_named_with_what_was_expected() {
    for (int8, expected) in [(false, "F32"), (true, "I8")] {
        let spec = Spec { int8, ..TINY };
        let mut tensors = spec.tensors(1);
        tensor(&mut tensors, QUERY).shape = vec![32, 128];
        refused(
            &spec.config(),
            &write(&tensors),
            &[QUERY, "[32, 128]", "[64, 64]"],
        );
        let mut tensors = spec.tensors(1);
        let query = tensor(&mut tensors, QUERY);
        (query.dtype, query.bytes) = ("I64", vec![0; 8 * 64 * 64]);
        refused(&spec.config(), &write(&tensors), &[QUERY, "I64", expected]);
        tensor(&mut tensors, QUERY).dtype = "Q4";
        refused(&spec.config(), &write(&tensors), &[QUERY, "Q4", "BF16"]);
    }
}

/// Found by the fuzzer: such models loaded, and their runs failed.
#[test]
fn scalars_that_are_not_finite_are_refused_in_int8_alone() {
    for part in ["alpha", "beta", "gamma"] {
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for int8 in [false, true] {
                let attention = "inhibitor";
                let spec = Spec {
                    int8,
                    attention,
                    ..TINY
                };
                let mut tensors = spec.tensors(1);
                let name = format!("encoder.layer.1.attention.self.inhibitor.{part}");
                let scalar = tensor(&mut tensors, &name);
                let at = scalar.bytes.len() - 4;
                scalar.bytes[at..].copy_from_slice(&value.to_le_bytes());
                let (config, file) = (spec.config(), write(&tensors));
                if int8 {
                    refused(&config, &file, &[&name, &value.to_string(), "int8"]);
                } else {
                    assert!(load(&config, &file).is_ok());
                }
            }
        }
    }
}

#[test]
fn a_tensor_with_and_without_prefix_is_ambiguous() {
    let mut tensors = TINY.tensors(1);
    let mut copy = tensors[0].clone();
    copy.name = copy.name.replace("bert.", "");
    tensors.push(copy);
    refused(
        &TINY.config(),
        &write(&tensors),
        &["embeddings.word_embeddings", "with and without"],
    );
}

#[test]
fn every_truncation_is_refused() {
    let file = TINY.safetensors(1);
    let mut random = Random::new(3);
    let header = 8 + u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    let mut ends = vec![header - 1, header, file.len() - 1];
    ends.extend(0..64);
    ends.extend((0..200).map(|at| random.below([header, file.len()][at % 2])));
    for end in ends {
        refused(&TINY.config(), &file[..end], &["model.safetensors"]);
    }
    let mut longer = file.clone();
    longer.push(0);
    refused(&TINY.config(), &longer, &["1 bytes after the last tensor"]);
}

#[test]
fn headers_that_lie_are_refused() {
    let config = TINY.config();
    let entry = |shape: &str, offsets: &str| {
        format!(r#"{{"x":{{"dtype":"F32","shape":{shape},"data_offsets":{offsets}}}}}"#)
    };
    let huge = u64::MAX;
    let half = 1u64 << 63;
    for (header, words) in [
        (entry("[2]", "[0,16]"), "needs 8 bytes and has 16"),
        (entry("[2]", "[8,0]"), "ends before it starts"),
        (entry("[1]", "[4,8]"), "4 unused bytes before"),
        (entry("[4]", "[0,16]"), "truncated"),
        (entry("[-1]", "[0,8]"), "no valid shape"),
        (entry("[1.5]", "[0,8]"), "no valid shape"),
        (entry("[1,1,1,1,1,1,1,1,2]", "[0,8]"), "no valid shape"),
        (entry("3", "[0,8]"), "no valid shape"),
        (entry("[2]", "[0]"), "no valid data_offsets"),
        (entry("[2]", "[0,8,8]"), "no valid data_offsets"),
        (entry("[2]", "[0,1e30]"), "no valid data_offsets"),
        // products and sums that wrap around to what the file has
        (entry(&format!("[{half},2]"), "[0,0]"), "needs too many"),
        (
            entry(
                &format!("[{}]", (huge - 7) / 4),
                &format!("[16,{}]", huge - 7),
            ),
            "bytes",
        ),
        (
            entry(&format!("[{huge}]"), &format!("[0,{huge}]")),
            "needs too many",
        ),
        (r#"{"x":7}"#.into(), "dtype none"),
        (r#"{"x":{"dtype":7}}"#.into(), "dtype none"),
        (r#"["x"]"#.into(), "not an object"),
        (r#"{"x""#.into(), "not JSON"),
        ("[".repeat(100_000), "not JSON"),
        (
            format!(r#"{{"x":{}"#, r#"{"x":"#.repeat(50_000)),
            "not JSON",
        ),
        ("\u{0}".into(), "not JSON"),
    ] {
        refused(&config, &with_header(&header, &[0; 8]), &[words]);
    }
    let two = r#"{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}"#;
    refused(
        &config,
        &with_header(two, &[0; 8]),
        &["tensor b overlaps", "4 bytes"],
    );
    let not_utf8 = [&7u64.to_le_bytes()[..], b"{\"\xff\":1}"].concat();
    refused(&config, &not_utf8, &["not JSON"]);
    for length in [huge, 1 << 40, 9] {
        let file = [&length.to_le_bytes()[..], &[b' '; 8]].concat();
        refused(&config, &file, &["header"]);
    }
}

#[test]
fn configurations_that_are_not_computed_here_name_the_key() {
    let good = TINY.config();
    let file = TINY.safetensors(1);
    for (from, to, word) in [
        (r#""bert""#, r#""gpt2""#, "model_type is gpt2"),
        (r#""hidden_size": 64,"#, "", "hidden_size must be"),
        (
            "\"hidden_size\": 64",
            "\"hidden_size\": 0",
            "hidden_size must be an integer from 1",
        ),
        ("\"hidden_size\": 64", "\"hidden_size\": 64.5", "it is 64.5"),
        (
            "\"hidden_size\": 64",
            "\"hidden_size\": 1e18",
            "hidden_size",
        ),
        (
            "\"hidden_size\": 64",
            "\"hidden_size\": 63",
            "not a multiple of 2 heads",
        ),
        (
            "\"num_hidden_layers\": 2",
            "\"num_hidden_layers\": 201",
            "num_hidden_layers",
        ),
        (
            "\"num_hidden_layers\": 2",
            "\"num_hidden_layers\": 3",
            "encoder.layer.2.",
        ),
        (
            "\"num_hidden_layers\": 2",
            "\"num_hidden_layers\": 1",
            "does not have: encoder.layer.1.",
        ),
        ("1e-12", "-1", "layer_norm_eps must be a positive number"),
        ("1e-12", "1e300", "layer_norm_eps must be a positive number"),
        ("\"gelu\"", "\"relu\"", "hidden_act must be gelu"),
        (
            "\"pad",
            "\"is_decoder\": true, \"pad",
            "is_decoder must be false",
        ),
        (
            "\"pad",
            "\"position_embedding_type\": \"rotary\", \"pad",
            "absolute",
        ),
        ("\"2\": ", "\"3\": ", "id2label"),
        ("\"version\": 1", "\"version\": 2", "stillwatt.version"),
        ("\"dot\"", "\"other\"", "attention.kind is other"),
        ("{\"kind\": \"dot\"}", "[]", "attention must be an object"),
        (
            "{\"kind\": \"dot\"}",
            "{\"kind\": \"inhibitor\"}",
            "centerOver",
        ),
        (
            "null",
            "{\"scheme\": \"int4\"}",
            "scheme must be int8-dynamic",
        ),
        (
            "null",
            "{\"scheme\": \"int8-dynamic\", \"granularity\": \"x\"}",
            "granularity",
        ),
        ("{", "[", "config.json: not JSON"),
    ] {
        let config = good.replacen(from, to, 1);
        assert_ne!(config, good, "{from}");
        refused(&config, &file, &[word]);
    }
    let wide = Spec {
        hidden: 258,
        int8: true,
        ..TINY
    };
    refused(
        &wide.config(),
        &wide.safetensors(1),
        &["heads of 129 features"],
    );
    refused("7", &file, &["config.json: the file must be an object"]);
    refused(&"[".repeat(1 << 20), &file, &["config.json: not JSON"]);
    refused(&" ".repeat(9 << 20), &file, &["over the limit"]);
}

/// What the example `fuzz_loader` does for minutes, for a moment.
#[test]
fn a_few_thousand_mutations_give_errors_or_models() {
    let mut fuzz = crate::fuzz::Fuzz::new(1);
    for _ in 0..3000 {
        fuzz.step();
    }
    assert!(fuzz.refused > 1000 && fuzz.ran > 0, "{fuzz:?}");
}
