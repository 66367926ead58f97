//! Buffers of a run: grown to the largest chunk seen, then used again.

use std::sync::Mutex;

use super::batch::{Batch, Chunk, Sequence};
use super::config::{Config, Precision};
use super::linear::Quantized;
use crate::int8::HeadScratch;

/// Rows that an int8 layer takes from attention to its end at once, for each thread: what lies between
/// stays in the second cache.
const BLOCK_ROWS: usize = 48;

/// T tokens of a chunk, H hidden, F intermediate.
#[derive(Default)]
pub struct Workspace {
    pub sequences: Vec<Sequence>,
    pub positions: Vec<i32>, // (T)
    pub types: Vec<i32>,     // (T)
    pub hidden: Vec<f32>,    // (T, H)
    pub context: Vec<f32>,   // (T, H)
    pub sum: Vec<f32>,       // (T, H)
    /// (T, 3·H) of the f32 projections, then (block, F).
    pub wide: Vec<f32>,
    /// Rows that a layer takes from attention to its end at once.
    pub block_rows: usize,
    pub quantized: Quantized,
    /// One for each thread.
    pub heads: Vec<Mutex<HeadSpace>>,
    longest: usize,
}

/// What a thread needs for one head of a sequence of N tokens.
pub struct HeadSpace {
    pub projected: Vec<f32>, // (N, 3·d): query, key and value side by side
    pub context: Vec<f32>,   // (N, d)
    pub scratch: HeadScratch,
}

impl Workspace {
    /// Makes room for a chunk, and notes its sequences, positions and types.
    pub fn prepare(&mut self, config: &Config, batch: &Batch, chunk: &Chunk, threads: usize) {
        self.sequences.clear();
        self.positions.clear();
        self.types.clear();
        let mut longest = 0;
        for length in &batch.lengths[chunk.sequences.clone()] {
            let (start, len) = (self.positions.len(), *length as usize);
            self.sequences.push(Sequence { start, len });
            self.positions.extend(0..*length);
            longest = longest.max(len);
        }
        let tokens = chunk.tokens.len();
        match batch.types {
            Some(types) => self.types.extend(&types[chunk.tokens.clone()]),
            None => self.types.resize(tokens, 0),
        }
        let (hidden, intermediate) = (config.hidden, config.intermediate);
        for buffer in [&mut self.hidden, &mut self.context, &mut self.sum] {
            grow(buffer, tokens * hidden);
        }
        match config.precision {
            Precision::F32 => {
                self.block_rows = tokens.max(1);
                grow(&mut self.wide, tokens * intermediate.max(3 * hidden));
            }
            Precision::Int8 { .. } => {
                self.block_rows = BLOCK_ROWS * threads;
                let rows = tokens.min(self.block_rows);
                self.quantized.reserve(tokens, hidden);
                self.quantized.reserve(rows, intermediate);
                grow(&mut self.wide, rows * intermediate);
            }
        }
        if longest > self.longest || self.heads.len() < threads {
            self.longest = longest.max(self.longest);
            let space = || Mutex::new(HeadSpace::new(self.longest, config.features()));
            self.heads = (0..threads).map(|_| space()).collect();
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        let floats = [&self.hidden, &self.context, &self.sum, &self.wide].map(Vec::capacity);
        let tokens = [&self.positions, &self.types].map(Vec::capacity);
        let words = floats.iter().chain(&tokens).sum::<usize>();
        let sequences = self.sequences.capacity() * size_of::<Sequence>();
        let heads = self.heads.iter();
        let heads = heads.map(|space| space.lock().map_or(0, |space| space.bytes()));
        4 * words + sequences + self.quantized.bytes() + heads.sum::<usize>()
    }
}

impl HeadSpace {
    fn new(tokens: usize, features: usize) -> Self {
        Self {
            projected: vec![0.0; tokens * 3 * features],
            context: vec![0.0; tokens * features],
            scratch: HeadScratch::new(tokens, features),
        }
    }

    fn bytes(&self) -> usize {
        4 * (self.projected.len() + self.context.len()) + self.scratch.bytes()
    }
}

fn grow(buffer: &mut Vec<f32>, len: usize) {
    if buffer.len() < len {
        buffer.resize(len, 0.0);
    }
}
