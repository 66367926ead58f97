//! All weights of an encoder, laid out for computing.

use super::config::{AttentionKind, Config, Family, Precision};
use super::linear::Linear;
use super::tensors::{Tensors, invalid};
use crate::error::Result;

pub struct Weights {
    pub embeddings: Embeddings,
    pub layers: Vec<Layer>,
    pub head: Option<Head>,
}

pub struct Embeddings {
    pub word: Vec<f32>,     // (vocabulary, H)
    pub position: Vec<f32>, // (positions, H)
    pub types: Vec<f32>,    // (token types, H), empty without
    pub norm: Norm,
}

pub struct Norm {
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
}

pub struct Layer {
    pub qkv: Linear, // (3·H, H)
    pub attention: Attention,
    pub out: Linear,
    pub norm1: Norm,
    pub up: Linear,
    pub down: Linear,
    pub norm2: Norm,
}

pub enum Attention {
    Dot,
    Inhibitor {
        alpha: f32,
        /// By head.
        beta: Vec<f32>,
        gamma: f32,
        normalise: bool,
    },
}

/// On the first token: dense, tanh (BERT) or ReLU (DistilBERT), dense.
pub struct Head {
    pub pooler: Linear,
    pub classifier: Linear,
}

/// Names of Python transformers within a layer.
struct Names {
    layer: &'static str,
    qkv: [&'static str; 3],
    out: &'static str,
    norm1: &'static str,
    up: &'static str,
    down: &'static str,
    norm2: &'static str,
    inhibitor: &'static str,
    pooler: &'static str,
}

const BERT: Names = Names {
    layer: "encoder.layer",
    qkv: [
        "attention.self.query",
        "attention.self.key",
        "attention.self.value",
    ],
    out: "attention.output.dense",
    norm1: "attention.output.LayerNorm",
    up: "intermediate.dense",
    down: "output.dense",
    norm2: "output.LayerNorm",
    inhibitor: "attention.self.inhibitor",
    pooler: "pooler.dense",
};

const DISTILBERT: Names = Names {
    layer: "transformer.layer",
    qkv: ["attention.q_lin", "attention.k_lin", "attention.v_lin"],
    out: "attention.out_lin",
    norm1: "sa_layer_norm",
    up: "ffn.lin1",
    down: "ffn.lin2",
    norm2: "output_layer_norm",
    inhibitor: "attention.inhibitor",
    pooler: "pre_classifier",
};

impl Weights {
    /// `Invalid`, naming the tensor, where one is missing, unknown, or of another shape or dtype.
    pub fn read(config: &Config, safetensors: &[u8]) -> Result<Self> {
        let mut tensors = Tensors::read(safetensors, config)?;
        let names = match config.family {
            Family::Bert => &BERT,
            Family::DistilBert => &DISTILBERT,
        };
        let embeddings = Embeddings::take(&mut tensors, config)?;
        let layers =
            (0..config.layers).map(|index| Layer::take(&mut tensors, config, names, index));
        let layers = layers.collect::<Result<_>>()?;
        let head = if config.has_head() {
            Some(Head::take(&mut tensors, config, names)?)
        } else {
            skip_pooler(&mut tensors, config, names)?;
            None
        };
        tensors.finish()?;
        Ok(Self {
            embeddings,
            layers,
            head,
        })
    }

    /// Bytes of all weights as they lie in memory.
    pub fn bytes(&self) -> usize {
        let head = self.head.as_ref();
        let head = head.map_or(0, |head| head.pooler.bytes() + head.classifier.bytes());
        self.embeddings.bytes() + self.layers.iter().map(Layer::bytes).sum::<usize>() + head
    }
}

impl Embeddings {
    fn take(tensors: &mut Tensors, config: &Config) -> Result<Self> {
        let mut table = |name: &str, rows: usize| {
            let name = format!("embeddings.{name}_embeddings.weight");
            floats(tensors, &name, &[rows, config.hidden])
        };
        let word = table("word", config.vocabulary)?;
        let position = table("position", config.positions)?;
        let types = match config.token_types {
            0 => Vec::new(),
            count => table("token_type", count)?,
        };
        let norm = Norm::take(tensors, "embeddings.LayerNorm", config.hidden)?;
        Ok(Self {
            word,
            position,
            types,
            norm,
        })
    }

    fn bytes(&self) -> usize {
        4 * (self.word.len() + self.position.len() + self.types.len()) + self.norm.bytes()
    }
}

impl Norm {
    fn take(tensors: &mut Tensors, name: &str, hidden: usize) -> Result<Self> {
        Ok(Self {
            weight: floats(tensors, &format!("{name}.weight"), &[hidden])?,
            bias: floats(tensors, &format!("{name}.bias"), &[hidden])?,
        })
    }

    fn bytes(&self) -> usize {
        8 * self.bias.len()
    }
}

impl Layer {
    fn take(tensors: &mut Tensors, config: &Config, names: &Names, index: usize) -> Result<Self> {
        let (hidden, intermediate) = (config.hidden, config.intermediate);
        let at = |part: &str| format!("{}.{index}.{part}", names.layer);
        let mut linear = |parts: &[&str], outputs, inputs| {
            let parts: Vec<_> = parts.iter().map(|part| at(part)).collect();
            Linear::take(tensors, &parts, outputs, inputs, config.precision)
        };
        let qkv = linear(&names.qkv, 3 * hidden, hidden)?;
        let out = linear(&[names.out], hidden, hidden)?;
        let up = linear(&[names.up], intermediate, hidden)?;
        let down = linear(&[names.down], hidden, intermediate)?;
        Ok(Self {
            qkv,
            attention: Attention::take(tensors, config, &at(names.inhibitor))?,
            out,
            norm1: Norm::take(tensors, &at(names.norm1), hidden)?,
            up,
            down,
            norm2: Norm::take(tensors, &at(names.norm2), hidden)?,
        })
    }

    fn bytes(&self) -> usize {
        let linears = [&self.qkv, &self.out, &self.up, &self.down];
        linears.map(Linear::bytes).iter().sum::<usize>() + self.norm1.bytes() + self.norm2.bytes()
    }
}

impl Attention {
    fn take(tensors: &mut Tensors, config: &Config, name: &str) -> Result<Self> {
        let AttentionKind::Inhibitor { normalise } = config.attention else {
            return Ok(Self::Dot);
        };
        let is_int8 = matches!(config.precision, Precision::Int8 { .. });
        let mut scalars = |part: &str, count| {
            let name = format!("{name}.{part}");
            let values = floats(tensors, &name, &[count])?;
            // in f32 they make the outputs NaN; int8 scores have no such number
            match values.iter().find(|value| is_int8 && !value.is_finite()) {
                Some(value) => Err(invalid(format!(
                    "{name} has {value}, which int8 cannot use"
                ))),
                None => Ok(values),
            }
        };
        Ok(Self::Inhibitor {
            alpha: scalars("alpha", 1)?[0],
            beta: scalars("beta", config.heads)?,
            gamma: scalars("gamma", 1)?[0],
            normalise,
        })
    }
}

impl Head {
    fn take(tensors: &mut Tensors, config: &Config, names: &Names) -> Result<Self> {
        let mut linear = |name: &str, outputs| {
            let parts = [name.to_string()];
            Linear::take(tensors, &parts, outputs, config.hidden, config.precision)
        };
        Ok(Self {
            pooler: linear(names.pooler, config.hidden)?,
            classifier: linear("classifier", config.labels)?,
        })
    }
}

/// A bare BERT may bring the pooler of its pre-training, which nothing reads: checked, then dropped.
fn skip_pooler(tensors: &mut Tensors, config: &Config, names: &Names) -> Result<()> {
    if config.family == Family::Bert && tensors.has(&format!("{}.weight", names.pooler)) {
        let parts = [names.pooler.to_string()];
        Linear::take(
            tensors,
            &parts,
            config.hidden,
            config.hidden,
            config.precision,
        )?;
    }
    Ok(())
}

fn floats(tensors: &mut Tensors, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
    let mut values = Vec::new();
    tensors.floats(name, shape, &mut values)?;
    Ok(values)
}
