//! Sequences of tokens, one after another without padding.

use std::ops::Range;

use super::config::Config;
use crate::error::{KernelError, Result, check_len};

/// Tokens computed at once: enough that each weight read from memory is used often, few enough that what
/// lies between two operations stays in the cache.
const CHUNK_TOKENS: usize = 1024;

/// B sequences, T tokens in all.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// (T): each sequence after the one before it.
    pub ids: &'a [i32],
    /// (B): 1 to the model's positions.
    pub lengths: &'a [i32],
    /// (T); all 0 where not given.
    pub types: Option<&'a [i32]>,
}

/// One sequence of a chunk: rows `start .. start + len` of every buffer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sequence {
    pub start: usize,
    pub len: usize,
}

/// Sequences and tokens of a batch that are computed at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Chunk {
    pub sequences: Range<usize>,
    pub tokens: Range<usize>,
}

impl Batch<'_> {
    /// `Invalid`, naming the first value that does not fit the model.
    pub fn check(&self, config: &Config) -> Result<()> {
        let mut tokens = 0;
        for (index, length) in self.lengths.iter().enumerate() {
            let positions = config.positions;
            let Some(length) = to_index(*length, positions + 1).filter(|length| *length > 0) else {
                return Err(KernelError::Invalid(format!(
                    "lengths[{index}] is {length}; 1 to {positions} are possible"
                )));
            };
            tokens += length;
        }
        check_len("ids", self.ids, tokens)?;
        check_ids("ids", self.ids, config.vocabulary)?;
        let Some(types) = self.types else {
            return Ok(());
        };
        check_len("types", types, tokens)?;
        check_ids("types", types, config.token_types.max(1))
    }

    /// Of a batch that was checked: whole sequences in order, as many as fit into a chunk, at least one.
    pub(super) fn chunks(&self) -> impl Iterator<Item = Chunk> + '_ {
        let (mut sequence, mut token) = (0, 0);
        std::iter::from_fn(move || {
            let (first, start) = (sequence, token);
            while let Some(length) = self.lengths.get(sequence) {
                let length = *length as usize;
                if token > start && token + length - start > CHUNK_TOKENS {
                    break;
                }
                token += length;
                sequence += 1;
            }
            (sequence > first).then_some(Chunk {
                sequences: first..sequence,
                tokens: start..token,
            })
        })
    }
}

fn check_ids(name: &str, ids: &[i32], count: usize) -> Result<()> {
    match ids.iter().position(|id| to_index(*id, count).is_none()) {
        None => Ok(()),
        Some(at) => Err(KernelError::Invalid(format!(
            "{name}[{at}] is {}; the model has 0 to {}",
            ids[at],
            count - 1
        ))),
    }
}

/// A number from 0 to below `count`.
fn to_index(number: i32, count: usize) -> Option<usize> {
    usize::try_from(number).ok().filter(|index| *index < count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(lengths: &[i32]) -> Vec<Chunk> {
        let tokens = lengths.iter().sum::<i32>() as usize;
        let batch = Batch {
            ids: &vec![0; tokens],
            lengths,
            types: None,
        };
        batch.chunks().collect()
    }

    #[test]
    fn chunks_cover_every_sequence_once_and_keep_them_whole() {
        let lengths = [1000, 24, 1, 1023, 2000, 3, 1021, 1];
        let found = chunks(&lengths);
        let sizes: Vec<_> = found.iter().map(|chunk| chunk.tokens.len()).collect();
        assert_eq!(sizes, [1024, 1024, 2000, 1024, 1]);
        let mut next = (0, 0);
        for Chunk { sequences, tokens } in found {
            assert_eq!((sequences.start, tokens.start), next);
            let sum: i32 = lengths[sequences.clone()].iter().sum();
            assert_eq!(sum as usize, tokens.len());
            next = (sequences.end, tokens.end);
        }
        assert_eq!(next, (lengths.len(), 5073));
        assert_eq!(chunks(&[]), []);
    }
}
