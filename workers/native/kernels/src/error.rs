//! What a kernel refuses, in words that name the argument.

use std::fmt;

pub type Result<T> = std::result::Result<T, KernelError>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KernelError {
    /// A length, shape or value that does not fit; the text names the argument.
    Invalid(String),
    /// The CPU lacks a feature that the variant needs.
    Unsupported(String),
    /// A caller asked to stop.
    Cancelled,
}

impl fmt::Display for KernelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(text) | Self::Unsupported(text) => f.write_str(text),
            Self::Cancelled => f.write_str("cancelled"),
        }
    }
}

impl std::error::Error for KernelError {}

/// `Invalid` unless a slice has the length that its shape asks for.
pub fn check_len<T>(name: &str, slice: &[T], expected: usize) -> Result<()> {
    if slice.len() == expected {
        return Ok(());
    }
    let found = slice.len();
    Err(KernelError::Invalid(format!(
        "{name} has {found} values, its shape asks for {expected}"
    )))
}
