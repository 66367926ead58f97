//! A seeded mutation fuzzer of the loader: files of random models, damaged in bytes, header fields and
//! configuration. What loads is run: nothing may panic, hang or write beyond its buffers.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use stillwatt_kernels::encoder::{Batch, Encoder};
use stillwatt_kernels::{Context, KernelError, Variant};

use super::model::{Random, Spec, TINY, Tensor, kinds, write};

/// Numbers at which something may wrap around or be off by one.
const EDGES: [&str; 14] = [
    "0",
    "1",
    "-1",
    "2",
    "63",
    "65",
    "128",
    "4294967296",
    "9223372036854775807",
    "18446744073709551615",
    "1e400",
    "null",
    "[]",
    "0.5",
];

#[derive(Debug)]
pub struct Fuzz {
    random: Random,
    pub steps: u64,
    pub refused: u64,
    /// Loaded and run.
    pub ran: u64,
}

impl Fuzz {
    pub fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            steps: 0,
            refused: 0,
            ran: 0,
        }
    }

    pub fn step(&mut self) {
        self.steps += 1;
        let (config, file) = self.draw();
        let variants = Variant::ALL.map(|variant| (variant, variant.is_supported()));
        let supported: Vec<_> = variants.into_iter().filter(|(_, is)| *is).collect();
        let (variant, _) = supported[self.random.below(supported.len())];
        let context = Arc::new(Context::new(variant, 1).unwrap());
        match Encoder::load(context, &config, &file) {
            Err(KernelError::Invalid(text)) => {
                assert!(
                    text.starts_with("config.json: ") || text.starts_with("model.safetensors: "),
                    "{text}"
                );
                self.refused += 1;
            }
            Err(other) => panic!("{other:?}"),
            Ok(encoder) => {
                self.run(&encoder);
                self.ran += 1;
            }
        }
    }

    /// Ids of any kind; what fits the model must give a result, NaN or not.
    fn run(&mut self, encoder: &Encoder) {
        let (positions, vocabulary) = (encoder.config().positions, encoder.config().vocabulary);
        let lengths: Vec<i32> = (0..1 + self.random.below(3))
            .map(|_| 1 + self.random.below(positions.min(9)) as i32)
            .collect();
        let tokens = lengths.iter().sum::<i32>() as usize;
        let mut ids: Vec<i32> = (0..tokens)
            .map(|_| self.random.below(vocabulary) as i32)
            .collect();
        let is_wrong = self.random.below(4) == 0;
        if is_wrong {
            ids[tokens - 1] = [-1, i32::MIN, i32::MAX, vocabulary as i32][self.random.below(4)];
        }
        let batch = Batch {
            ids: &ids,
            lengths: &lengths,
            types: None,
        };
        let mut output = vec![0.0; encoder.output_len(&batch)];
        let result = encoder.run(&batch, &mut output, &AtomicBool::new(false));
        assert_eq!(result.is_err(), is_wrong, "{result:?}");
    }

    /// config.json and model.safetensors, damaged in none, one or several ways.
    fn draw(&mut self) -> (Vec<u8>, Vec<u8>) {
        let small = Spec {
            layers: 1 + self.random.below(2),
            hidden: [4, 16, 24][self.random.below(3)],
            intermediate: 1 + self.random.below(40),
            vocabulary: 1 + self.random.below(20),
            positions: 1 + self.random.below(20),
            labels: self.random.below(4),
            ..TINY
        };
        let all = kinds(small);
        let spec = all[self.random.below(all.len())];
        let mut config = spec.config().into_bytes();
        let mut tensors = spec.tensors(self.random.word());
        for _ in 0..self.random.below(3) {
            self.damage_tensors(&mut tensors);
        }
        let mut file = write(&tensors);
        for _ in 0..self.random.below(3) {
            match self.random.below(4) {
                0 => self.damage_bytes(&mut config),
                1 => self.damage_number(&mut config, 0..usize::MAX),
                2 => self.damage_bytes(&mut file),
                _ => {
                    let end = 8 + u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
                    self.damage_number(&mut file, 8..end);
                }
            }
            if file.len() < 8 {
                break;
            }
        }
        (config, file)
    }

    fn damage_tensors(&mut self, tensors: &mut Vec<Tensor>) {
        let at = self.random.below(tensors.len());
        match self.random.below(8) {
            0 => drop(tensors.remove(at)),
            1 => tensors.push(tensors[at].clone()),
            2 => {
                tensors[at].dtype = ["F32", "F16", "BF16", "I8", "U8", "I64"][self.random.below(6)]
            }
            3 => tensors[at].shape.reverse(),
            4 => tensors[at].shape.push(self.random.below(3)),
            5 => {
                let keep = self.random.below(tensors[at].bytes.len());
                tensors[at].bytes.truncate(keep);
            }
            // any bit pattern: NaN, infinity and denormals among the values
            _ => {
                for _ in 0..self.random.below(20) {
                    let byte = self.random.below(tensors[at].bytes.len());
                    if let Some(place) = tensors[at].bytes.get_mut(byte) {
                        *place = self.random.word() as u8;
                    }
                }
            }
        }
        if tensors.is_empty() {
            tensors.extend(TINY.tensors(1));
        }
    }

    fn damage_bytes(&mut self, bytes: &mut Vec<u8>) {
        let at = self.random.below(bytes.len());
        let len = self.random.below(16).min(bytes.len() - at);
        match self.random.below(5) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..at + len)),
            2 => {
                let part = bytes[at..at + len].to_vec();
                bytes.splice(at..at, part);
            }
            3 => bytes[at] ^= 1 << self.random.below(8),
            _ => bytes[at] = self.random.word() as u8,
        }
        if bytes.is_empty() {
            bytes.push(b'{');
        }
    }

    /// Replaces a number of a text within `bounds`.
    fn damage_number(&mut self, bytes: &mut Vec<u8>, bounds: std::ops::Range<usize>) {
        let end = bounds.end.min(bytes.len());
        let digits: Vec<usize> = (bounds.start..end)
            .filter(|at| bytes[*at].is_ascii_digit())
            .collect();
        if digits.is_empty() {
            return;
        }
        let from = digits[self.random.below(digits.len())];
        let mut to = from;
        while to < end && bytes[to].is_ascii_digit() {
            to += 1;
        }
        let edge = EDGES[self.random.below(EDGES.len())];
        let is_header = bounds.start == 8;
        let grown = edge.len() as i64 - (to - from) as i64;
        bytes.splice(from..to, edge.bytes());
        // half of the time the header stays as long as it says
        if is_header && self.random.below(2) == 0 {
            let length = u64::from_le_bytes(bytes[..8].try_into().unwrap());
            bytes[..8].copy_from_slice(&length.wrapping_add_signed(grown).to_le_bytes());
        }
    }
}
