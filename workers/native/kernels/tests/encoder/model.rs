//! Random models in the files that the engine writes: config.json and model.safetensors.
#![allow(dead_code)] // each user needs a part

#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// `bert` or `distilbert`
    pub family: &'static str,
    /// `dot` or `inhibitor`
    pub attention: &'static str,
    pub int8: bool,
    pub layers: usize,
    pub hidden: usize,
    pub heads: usize,
    pub intermediate: usize,
    pub vocabulary: usize,
    pub positions: usize,
    /// 0: no head
    pub labels: usize,
}

pub const TINY: Spec = Spec {
    family: "bert",
    attention: "dot",
    int8: false,
    layers: 2,
    hidden: 64,
    heads: 2,
    intermediate: 96,
    vocabulary: 50,
    positions: 40,
    labels: 3,
};

pub const DISTILBERT: Spec = Spec {
    family: "distilbert",
    layers: 6,
    hidden: 768,
    heads: 12,
    intermediate: 3072,
    vocabulary: 30_522,
    positions: 512,
    labels: 2,
    ..TINY
};

/// Both families and attentions in both precisions.
pub fn kinds(of: Spec) -> Vec<Spec> {
    let mut all = Vec::new();
    for family in ["bert", "distilbert"] {
        for attention in ["dot", "inhibitor"] {
            for int8 in [false, true] {
                all.push(Spec {
                    family,
                    attention,
                    int8,
                    ..of
                });
            }
        }
    }
    all
}

/// Seeded words (xorshift64*).
#[derive(Debug)]
pub struct Random(pub u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn word(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    pub fn below(&mut self, count: usize) -> usize {
        (self.word() % count.max(1) as u64) as usize
    }

    /// About normal.
    pub fn normal(&mut self) -> f32 {
        let sum: f32 = (0..4)
            .map(|_| (self.word() & 0xffff) as f32 / 65_536.0)
            .sum();
        (sum - 2.0) * 3f32.sqrt()
    }
}

/// A tensor to write.
#[derive(Clone)]
pub struct Tensor {
    pub name: String,
    pub dtype: &'static str,
    pub shape: Vec<usize>,
    pub bytes: Vec<u8>,
}

impl Spec {
    pub fn config(&self) -> String {
        let Self {
            family,
            attention,
            layers,
            hidden,
            heads,
            intermediate,
            ..
        } = self;
        let (prefix, sizes) = match *family {
            "bert" => (
                "Bert",
                format!(
                    r#""hidden_size": {hidden}, "num_hidden_layers": {layers}, "num_attention_heads": {heads},
  "intermediate_size": {intermediate}, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu","#
                ),
            ),
            _ => (
                "DistilBert",
                format!(
                    r#""dim": {hidden}, "n_layers": {layers}, "n_heads": {heads}, "hidden_dim": {intermediate},
  "activation": "gelu","#
                ),
            ),
        };
        let suffix = if self.labels == 0 {
            "Model"
        } else {
            "ForSequenceClassification"
        };
        let labels: Vec<_> = (0..self.labels)
            .map(|id| format!(r#""{id}": "label {id}""#))
            .collect();
        let id2label = match self.labels {
            0 => String::new(),
            _ => format!(r#""id2label": {{{}}},"#, labels.join(", ")),
        };
        let attention = match *attention {
            "dot" => r#"{"kind": "dot"}"#.to_string(),
            _ => r#"{"kind": "inhibitor", "normalise": "validKeys", "centerOver": "valid", "qkGradient": "sign"}"#
                .to_string(),
        };
        let quantization = match self.int8 {
            false => "null",
            true => r#"{"scheme": "int8-dynamic", "granularity": "per-channel"}"#,
        };
        format!(
            r#"{{"model_type": "{family}", "architectures": ["{prefix}{suffix}"], {sizes} {id2label}
  "vocab_size": {}, "max_position_embeddings": {}, "pad_token_id": 0,
  "stillwatt": {{"version": 1, "attention": {attention}, "quantization": {quantization}}}}}"#,
            self.vocabulary, self.positions
        )
    }

    /// All tensors, random from the seed.
    pub fn tensors(&self, seed: u64) -> Vec<Tensor> {
        let Self {
            hidden,
            intermediate,
            heads,
            ..
        } = *self;
        let is_bert = self.family == "bert";
        let prefix = match (self.labels, is_bert) {
            (0, _) => "",
            (_, true) => "bert.",
            (_, false) => "distilbert.",
        };
        let mut file = Writer {
            random: Random::new(seed),
            int8: self.int8,
            tensors: Vec::new(),
        };
        let at = |name: &str| format!("{prefix}{name}");
        file.floats(
            at("embeddings.word_embeddings.weight"),
            &[self.vocabulary, hidden],
            0.0,
            0.5,
        );
        file.floats(
            at("embeddings.position_embeddings.weight"),
            &[self.positions, hidden],
            0.0,
            0.5,
        );
        if is_bert {
            file.floats(
                at("embeddings.token_type_embeddings.weight"),
                &[2, hidden],
                0.0,
                0.5,
            );
        }
        file.norm(at("embeddings.LayerNorm"), hidden);
        for layer in 0..self.layers {
            let [layers, q, k, v, out, norm1, up, down, norm2, inhibitor] = match is_bert {
                true => [
                    "encoder.layer",
                    "attention.self.query",
                    "attention.self.key",
                    "attention.self.value",
                    "attention.output.dense",
                    "attention.output.LayerNorm",
                    "intermediate.dense",
                    "output.dense",
                    "output.LayerNorm",
                    "attention.self.inhibitor",
                ],
                false => [
                    "transformer.layer",
                    "attention.q_lin",
                    "attention.k_lin",
                    "attention.v_lin",
                    "attention.out_lin",
                    "sa_layer_norm",
                    "ffn.lin1",
                    "ffn.lin2",
                    "output_layer_norm",
                    "attention.inhibitor",
                ],
            };
            let at = |name: &str| format!("{prefix}{layers}.{layer}.{name}");
            for (name, outputs, inputs) in [
                (q, hidden, hidden),
                (k, hidden, hidden),
                (v, hidden, hidden),
                (out, hidden, hidden),
                (up, intermediate, hidden),
                (down, hidden, intermediate),
            ] {
                file.linear(at(name), outputs, inputs);
            }
            file.norm(at(norm1), hidden);
            file.norm(at(norm2), hidden);
            if self.attention == "inhibitor" {
                for (part, count) in [("alpha", 1), ("beta", heads), ("gamma", 1)] {
                    file.floats(at(&format!("{inhibitor}.{part}")), &[count], 0.7, 0.1);
                }
            }
        }
        if self.labels > 0 {
            let pooler = if is_bert {
                "bert.pooler.dense"
            } else {
                "pre_classifier"
            };
            file.linear(pooler.into(), hidden, hidden);
            file.linear("classifier".into(), self.labels, hidden);
        }
        file.tensors
    }

    pub fn safetensors(&self, seed: u64) -> Vec<u8> {
        write(&self.tensors(seed))
    }
}

struct Writer {
    random: Random,
    int8: bool,
    tensors: Vec<Tensor>,
}

impl Writer {
    fn floats(&mut self, name: String, shape: &[usize], centre: f32, spread: f32) {
        let count = shape.iter().product();
        let values: Vec<f32> = (0..count)
            .map(|_| centre + spread * self.random.normal())
            .collect();
        self.push(name, "F32", shape, floats_to_bytes(&values));
    }

    fn norm(&mut self, name: String, hidden: usize) {
        self.floats(format!("{name}.weight"), &[hidden], 1.0, 0.1);
        self.floats(format!("{name}.bias"), &[hidden], 0.0, 0.1);
    }

    fn linear(&mut self, name: String, outputs: usize, inputs: usize) {
        let spread = 1.0 / (inputs as f32).sqrt();
        let weight = format!("{name}.weight");
        if self.int8 {
            let values =
                (0..outputs * inputs).map(|_| (self.random.normal() * 32.0).clamp(-127.0, 127.0));
            let bytes = values.map(|value| value.round() as i8 as u8).collect();
            let scales = vec![spread / 32.0; outputs];
            self.push(weight.clone(), "I8", &[outputs, inputs], bytes);
            self.push(
                format!("{weight}_scale"),
                "F32",
                &[outputs],
                floats_to_bytes(&scales),
            );
        } else {
            self.floats(weight, &[outputs, inputs], 0.0, spread);
        }
        self.floats(format!("{name}.bias"), &[outputs], 0.0, 0.1);
    }

    fn push(&mut self, name: String, dtype: &'static str, shape: &[usize], bytes: Vec<u8>) {
        self.tensors.push(Tensor {
            name,
            dtype,
            shape: shape.to_vec(),
            bytes,
        });
    }
}

fn floats_to_bytes(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

/// The safetensors file of tensors.
pub fn write(tensors: &[Tensor]) -> Vec<u8> {
    let mut at = 0;
    let entries = tensors.iter().map(
        |Tensor {
             name,
             dtype,
             shape,
             bytes,
         }| {
            let from = at;
            at += bytes.len();
            format!(
                r#""{name}":{{"dtype":"{dtype}","shape":{shape:?},"data_offsets":[{from},{at}]}}"#
            )
        },
    );
    let header = format!("{{{}}}", entries.collect::<Vec<_>>().join(","));
    let mut file = with_header(&header, &[]);
    for tensor in tensors {
        file.extend(&tensor.bytes);
    }
    file
}

/// A file of any header and data.
pub fn with_header(header: &str, data: &[u8]) -> Vec<u8> {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(data);
    file
}
