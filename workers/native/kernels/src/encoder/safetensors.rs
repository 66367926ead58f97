//! The safetensors format: a bounded reader that trusts nothing in the header.

use std::collections::HashMap;

use serde_json::Value;

use crate::error::{KernelError, Result};

/// 40,000 tensors with long names; JSON of this size takes at most some 200 MiB while it is read.
const MAX_HEADER: u64 = 4 << 20;
const MAX_AXES: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dtype {
    F32,
    F16,
    Bf16,
    I8,
    U8,
    I64,
}

impl Dtype {
    const ALL: [(&'static str, Self, u64); 6] = [
        ("F32", Self::F32, 4),
        ("F16", Self::F16, 2),
        ("BF16", Self::Bf16, 2),
        ("I8", Self::I8, 1),
        ("U8", Self::U8, 1),
        ("I64", Self::I64, 8),
    ];

    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].0
    }
}

/// A tensor within the bytes of its file.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored<'a> {
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    pub bytes: &'a [u8],
}

/// All tensors by name. `Invalid`, naming the tensor, where header and data do not agree in every
/// respect: the format allows neither overlap nor holes, for both could hide data.
pub fn read(file: &[u8]) -> Result<HashMap<String, Stored<'_>>> {
    let (header, data) = split(file)?;
    let header: Value = serde_json::from_slice(header)
        .map_err(|error| invalid(format!("the header is not JSON: {error}")))?;
    let Value::Object(entries) = header else {
        return Err(invalid("the header is not an object".into()));
    };
    let mut tensors = HashMap::new();
    let mut ranges = Vec::new();
    for (name, entry) in entries {
        if name == "__metadata__" {
            continue;
        }
        let (dtype, shape, [from, to]) = entry_of(&name, &entry)?;
        let Some(bytes) = data.get(from..to) else {
            let end = data.len();
            return Err(invalid(format!(
                "tensor {name} lies at {from}…{to}, the data ends at {end}: truncated or damaged"
            )));
        };
        ranges.push((from, to, name.clone()));
        tensors.insert(
            name,
            Stored {
                dtype,
                shape,
                bytes,
            },
        );
    }
    check_coverage(ranges, data.len())?;
    Ok(tensors)
}

/// Header and data.
fn split(file: &[u8]) -> Result<(&[u8], &[u8])> {
    let found = file.len();
    let Some((length, rest)) = file.split_first_chunk::<8>() else {
        return Err(invalid(format!("{found} bytes are too few for a header")));
    };
    let length = u64::from_le_bytes(*length);
    if length > MAX_HEADER {
        return Err(invalid(format!(
            "a header of {length} bytes is over the limit of {MAX_HEADER}"
        )));
    }
    rest.split_at_checked(length as usize).ok_or_else(|| {
        let end = 8 + length;
        invalid(format!(
            "the header ends at byte {end}, the file at {found}: truncated"
        ))
    })
}

fn entry_of(name: &str, entry: &Value) -> Result<(Dtype, Vec<usize>, [usize; 2])> {
    let dtype = entry.get("dtype").and_then(Value::as_str).unwrap_or("none");
    let Some((_, dtype, size)) = Dtype::ALL.into_iter().find(|(known, ..)| *known == dtype) else {
        let known = Dtype::ALL.map(|(name, ..)| name).join(", ");
        let dtype: String = dtype.chars().take(40).collect();
        return Err(invalid(format!(
            "tensor {name} has dtype {dtype}; known are {known}"
        )));
    };
    let shape = sizes(entry.get("shape")).filter(|shape| shape.len() <= MAX_AXES);
    let Some(shape) = shape else {
        return Err(invalid(format!("tensor {name} has no valid shape")));
    };
    let offsets = sizes(entry.get("data_offsets")).and_then(|pair| pair.try_into().ok());
    let Some([from, to]): Option<[usize; 2]> = offsets else {
        return Err(invalid(format!("tensor {name} has no valid data_offsets")));
    };
    let has = to.checked_sub(from).ok_or_else(|| {
        invalid(format!(
            "tensor {name} lies at {from}…{to}, which ends before it starts"
        ))
    })?;
    let needs = shape
        .iter()
        .try_fold(size, |bytes, axis| bytes.checked_mul(*axis as u64));
    if needs != Some(has as u64) {
        let needs = needs.map_or("too many".into(), |bytes| bytes.to_string());
        return Err(invalid(format!(
            "tensor {name} needs {needs} bytes and has {has}"
        )));
    }
    Ok((dtype, shape, [from, to]))
}

fn sizes(value: Option<&Value>) -> Option<Vec<usize>> {
    let list = value?.as_array()?;
    let size = |value: &Value| value.as_u64().and_then(|size| usize::try_from(size).ok());
    list.iter().map(size).collect()
}

fn check_coverage(mut ranges: Vec<(usize, usize, String)>, data: usize) -> Result<()> {
    ranges.sort();
    let mut end = 0;
    for (from, to, name) in ranges {
        if from < end {
            return Err(invalid(format!(
                "tensor {name} overlaps the one before it by {} bytes",
                end - from
            )));
        }
        if from > end {
            return Err(invalid(format!(
                "{} unused bytes before tensor {name}",
                from - end
            )));
        }
        end = to;
    }
    if end != data {
        return Err(invalid(format!(
            "{} bytes after the last tensor",
            data - end
        )));
    }
    Ok(())
}

fn invalid(text: String) -> KernelError {
    KernelError::Invalid(format!("model.safetensors: {text}"))
}
