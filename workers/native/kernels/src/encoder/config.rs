//! config.json of a BERT or DistilBERT encoder, as the engine writes it; nothing in it is trusted.

use serde_json::{Map, Value};

use crate::error::{KernelError, Result};
use crate::int8::MOST_FEATURES;

/// More than any known configuration, with a hundred thousand labels.
const MAX_BYTES: usize = 8 << 20;
const MAX_COUNT: u64 = 1_000_000;
/// Families and older files leave it out.
const EPSILON: f64 = 1e-12;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Bert,
    DistilBert,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttentionKind {
    Dot,
    /// Sequences are never padded here: to centre over all keys or over the valid ones is the same.
    Inhibitor {
        /// Divide the sum over keys by their number.
        normalise: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    F32,
    /// int8 weights with a scale per row or per tensor; activations are quantized while computing.
    Int8 {
        per_row: bool,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    pub family: Family,
    pub layers: usize,
    pub hidden: usize,
    pub heads: usize,
    pub intermediate: usize,
    pub vocabulary: usize,
    pub positions: usize,
    /// 0 where the family has no token types.
    pub token_types: usize,
    pub epsilon: f32,
    /// Outputs of the head; 0 for a bare encoder.
    pub labels: usize,
    pub attention: AttentionKind,
    pub precision: Precision,
}

impl Config {
    /// `Invalid`, naming the key, where the file is not JSON, or not of a model that is computed here.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_BYTES {
            let found = bytes.len();
            return Err(invalid(format!(
                "{found} bytes are over the limit of {MAX_BYTES}"
            )));
        }
        let value: Value =
            serde_json::from_slice(bytes).map_err(|error| invalid(format!("not JSON: {error}")))?;
        let file = Keys::of("", &value)?;
        let family = match file.text("model_type", None)? {
            "bert" => Family::Bert,
            "distilbert" => Family::DistilBert,
            other => {
                return Err(invalid(format!(
                    "model_type is {other}; known are bert, distilbert"
                )));
            }
        };
        for key in ["is_decoder", "add_cross_attention"] {
            if !matches!(file.get(key), None | Some(Value::Bool(false))) {
                return Err(invalid(format!("{key} must be false")));
            }
        }
        let config = match family {
            Family::Bert => {
                file.exactly("hidden_act", "gelu")?;
                file.exactly("position_embedding_type", "absolute")?;
                Self {
                    layers: file.count("num_hidden_layers", 200)?,
                    hidden: file.count("hidden_size", MAX_COUNT)?,
                    heads: file.count("num_attention_heads", MAX_COUNT)?,
                    intermediate: file.count("intermediate_size", MAX_COUNT)?,
                    token_types: match file.get("type_vocab_size") {
                        None => 2,
                        Some(_) => file.count("type_vocab_size", MAX_COUNT)?,
                    },
                    epsilon: file.positive("layer_norm_eps", EPSILON)?,
                    ..Self::shared(family, &file)?
                }
            }
            Family::DistilBert => {
                file.exactly("activation", "gelu")?;
                Self {
                    layers: file.count("n_layers", 200)?,
                    hidden: file.count("dim", MAX_COUNT)?,
                    heads: file.count("n_heads", MAX_COUNT)?,
                    intermediate: file.count("hidden_dim", MAX_COUNT)?,
                    token_types: 0,
                    epsilon: EPSILON as f32,
                    ..Self::shared(family, &file)?
                }
            }
        };
        let (hidden, heads) = (config.hidden, config.heads);
        if hidden % heads != 0 {
            return Err(invalid(format!(
                "hidden size {hidden} is not a multiple of {heads} heads"
            )));
        }
        let features = config.features();
        if config.precision != Precision::F32 && features > MOST_FEATURES {
            return Err(invalid(format!(
                "heads of {features} features; int8 is computed for up to {MOST_FEATURES}"
            )));
        }
        Ok(config)
    }

    /// d: features of a head.
    pub fn features(&self) -> usize {
        self.hidden / self.heads
    }

    /// Values of a sequence's result: logits, or hidden states of every token where there is no head.
    pub fn has_head(&self) -> bool {
        self.labels > 0
    }

    /// What both families have; sizes that differ by name are filled in by the caller.
    fn shared(family: Family, file: &Keys) -> Result<Self> {
        let (attention, precision) = match file.get("stillwatt") {
            None => (AttentionKind::Dot, Precision::F32),
            Some(value) => extension(&Keys::of("stillwatt", value)?)?,
        };
        Ok(Self {
            family,
            layers: 0,
            hidden: 0,
            heads: 0,
            intermediate: 0,
            vocabulary: file.count("vocab_size", 10_000_000)?,
            positions: file.count("max_position_embeddings", MAX_COUNT)?,
            token_types: 0,
            epsilon: 0.0,
            labels: labels(file)?,
            attention,
            precision,
        })
    }
}

fn extension(keys: &Keys) -> Result<(AttentionKind, Precision)> {
    if keys.get("version").and_then(Value::as_u64) != Some(1) {
        return Err(invalid("stillwatt.version must be 1".into()));
    }
    let attention = keys.object("attention")?;
    let kind = match attention.text("kind", None)? {
        "dot" => AttentionKind::Dot,
        "inhibitor" => {
            attention.one_of("centerOver", &["valid", "all"])?;
            let normalise = attention.one_of("normalise", &["none", "validKeys"])? == 1;
            AttentionKind::Inhibitor { normalise }
        }
        other => {
            return Err(invalid(format!(
                "stillwatt.attention.kind is {other}; known are dot, inhibitor"
            )));
        }
    };
    if matches!(keys.get("quantization"), Some(Value::Null)) {
        return Ok((kind, Precision::F32));
    }
    let quantization = keys.object("quantization")?;
    quantization.one_of("scheme", &["int8-dynamic"])?;
    let per_row = quantization.one_of("granularity", &["per-tensor", "per-channel"])? == 1;
    Ok((kind, Precision::Int8 { per_row }))
}

/// Number of labels: 0 for a bare encoder, 2 where a classifier does not name them.
fn labels(file: &Keys) -> Result<usize> {
    let architectures = match file.get("architectures") {
        None => &[] as &[Value],
        Some(Value::Array(names)) => names,
        Some(_) => return Err(invalid("architectures must be a list".into())),
    };
    let is_classifier = |name: &Value| {
        name.as_str()
            .is_some_and(|name| name.ends_with("ForSequenceClassification"))
    };
    if !architectures.iter().any(is_classifier) {
        return Ok(0);
    }
    match file.get("id2label") {
        None => Ok(2),
        Some(value) => {
            let names = Keys::of("id2label", value)?.map;
            let ids_count_up = (0..names.len()).all(|id| names.contains_key(&id.to_string()));
            if names.is_empty() || !ids_count_up {
                return Err(invalid("id2label: ids must be 0, 1, 2, …".into()));
            }
            Ok(names.len())
        }
    }
}

/// An object of the file, and where it lies in it.
struct Keys<'a> {
    path: &'static str,
    map: &'a Map<String, Value>,
}

impl<'a> Keys<'a> {
    fn of(path: &'static str, value: &'a Value) -> Result<Self> {
        match value {
            Value::Object(map) => Ok(Self { path, map }),
            _ => {
                let what = if path.is_empty() { "the file" } else { path };
                Err(invalid(format!("{what} must be an object")))
            }
        }
    }

    fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key)
    }

    fn object(&self, key: &'static str) -> Result<Self> {
        Self::of(key, self.get(key).unwrap_or(&Value::Null))
    }

    fn count(&self, key: &str, most: u64) -> Result<usize> {
        let value = self.get(key);
        match value.and_then(Value::as_u64) {
            Some(count) if (1..=most).contains(&count) => Ok(count as usize),
            _ => Err(self.wrong(key, &format!("an integer from 1 to {most}"))),
        }
    }

    fn positive(&self, key: &str, default: f64) -> Result<f32> {
        let Some(value) = self.get(key) else {
            return Ok(default as f32);
        };
        match value.as_f64() {
            Some(number) if number > 0.0 && number <= f64::from(f32::MAX) => Ok(number as f32),
            _ => Err(self.wrong(key, "a positive number")),
        }
    }

    fn text(&self, key: &str, default: Option<&'static str>) -> Result<&'a str> {
        match (self.get(key), default) {
            (Some(Value::String(text)), _) => Ok(text),
            (None, Some(default)) => Ok(default),
            _ => Err(self.wrong(key, "a string")),
        }
    }

    /// The only value of this key that is computed here, which is also its default.
    fn exactly(&self, key: &str, only: &'static str) -> Result<()> {
        match self.text(key, Some(only))? {
            found if found == only => Ok(()),
            _ => Err(self.wrong(key, only)),
        }
    }

    /// Index of the value among the known ones.
    fn one_of(&self, key: &str, known: &[&str]) -> Result<usize> {
        let found = self.text(key, None)?;
        let index = known.iter().position(|name| *name == found);
        index.ok_or_else(|| self.wrong(key, &known.join(" or ")))
    }

    fn wrong(&self, key: &str, expected: &str) -> KernelError {
        let dot = if self.path.is_empty() { "" } else { "." };
        let found = self
            .get(key)
            .map_or("missing".into(), |value| format!("{value:.60}"));
        let found: String = found.chars().take(60).collect();
        invalid(format!(
            "{}{dot}{key} must be {expected}; it is {found}",
            self.path
        ))
    }
}

fn invalid(text: String) -> KernelError {
    KernelError::Invalid(format!("config.json: {text}"))
}
