//! The tensors of a model file, each taken once, by the names that Python transformers gives them.

use std::collections::HashMap;

use super::config::{Config, Family};
use super::safetensors::{Dtype, Stored, read};
use crate::error::{KernelError, Result};

/// Buffers and pre-training heads that known files carry and a classifier has no use for.
const IGNORED: [&str; 4] = [
    "cls.",
    "vocab_transform.",
    "vocab_layer_norm.",
    "vocab_projector.",
];

pub struct Tensors<'a> {
    left: HashMap<String, Stored<'a>>,
}

impl<'a> Tensors<'a> {
    /// The encoder's names may carry the family's prefix, as files of models with a head have it.
    pub fn read(file: &'a [u8], config: &Config) -> Result<Self> {
        let prefix = match config.family {
            Family::Bert => "bert.",
            Family::DistilBert => "distilbert.",
        };
        let mut left = HashMap::new();
        for (key, tensor) in read(file)? {
            let name = key.strip_prefix(prefix).unwrap_or(&key).to_string();
            if left.contains_key(&name) {
                return Err(invalid(format!(
                    "tensor {name} is there with and without {prefix}"
                )));
            }
            left.insert(name, tensor);
        }
        Ok(Self { left })
    }

    pub fn has(&self, name: &str) -> bool {
        self.left.contains_key(name)
    }

    /// Appends the values of a float tensor.
    pub fn floats(&mut self, name: &str, shape: &[usize], to: &mut Vec<f32>) -> Result<()> {
        let Stored { dtype, bytes, .. } = self.take(name, shape)?;
        let halves = || bytes.as_chunks::<2>().0.iter().copied();
        match dtype {
            Dtype::F32 => {
                let words = bytes.as_chunks::<4>().0.iter();
                to.extend(words.map(|word| f32::from_le_bytes(*word)));
            }
            Dtype::F16 => to.extend(halves().map(|half| from_f16(u16::from_le_bytes(half)))),
            Dtype::Bf16 => to.extend(
                halves().map(|half| f32::from_bits(u32::from(u16::from_le_bytes(half)) << 16)),
            ),
            _ => return Err(wrong_dtype(name, dtype, "F32, F16 or BF16")),
        }
        Ok(())
    }

    /// Appends the values of an I8 tensor.
    pub fn bytes(&mut self, name: &str, shape: &[usize], to: &mut Vec<i8>) -> Result<()> {
        let Stored { dtype, bytes, .. } = self.take(name, shape)?;
        if dtype != Dtype::I8 {
            return Err(wrong_dtype(name, dtype, "I8"));
        }
        to.extend(bytes.iter().map(|byte| *byte as i8));
        Ok(())
    }

    /// `Invalid`, naming some, where tensors are left that the model does not have.
    pub fn finish(self) -> Result<()> {
        let is_ignored = |name: &str| {
            name == "embeddings.position_ids" || IGNORED.iter().any(|part| name.starts_with(part))
        };
        let mut unknown: Vec<_> = self.left.into_keys().collect();
        unknown.retain(|name| !is_ignored(name));
        if unknown.is_empty() {
            return Ok(());
        }
        unknown.sort();
        unknown.truncate(5);
        Err(invalid(format!(
            "tensors that the model of config.json does not have: {}",
            unknown.join(", ")
        )))
    }

    fn take(&mut self, name: &str, shape: &[usize]) -> Result<Stored<'a>> {
        let Some(tensor) = self.left.remove(name) else {
            return Err(invalid(format!("tensor {name} is missing")));
        };
        if tensor.shape == shape {
            return Ok(tensor);
        }
        let found = &tensor.shape;
        Err(invalid(format!(
            "tensor {name} has shape {found:?} where config.json asks {shape:?}"
        )))
    }
}

fn from_f16(half: u16) -> f32 {
    let sign = if half >> 15 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(half >> 10) & 31, f32::from(half & 1023));
    let magnitude = match exponent {
        0 => fraction * 2f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f32.powi(exponent - 15),
    };
    sign * magnitude
}

fn wrong_dtype(name: &str, found: Dtype, expected: &str) -> KernelError {
    let found = found.name();
    invalid(format!("tensor {name} is {found}, not {expected}"))
}

pub(super) fn invalid(text: String) -> KernelError {
    KernelError::Invalid(format!("model.safetensors: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_exact() {
        let known = [
            (0x0000, 0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0001, 2f32.powi(-24)),
            (0x03ff, 1023.0 * 2f32.powi(-24)),
            (0x0400, 2f32.powi(-14)),
            (0x3555, 0.333_251_95),
            (0xfc00, f32::NEG_INFINITY),
        ];
        for (half, value) in known {
            assert_eq!(from_f16(half), value, "{half:#x}");
        }
        assert!(from_f16(0x7e00).is_nan());
    }
}
