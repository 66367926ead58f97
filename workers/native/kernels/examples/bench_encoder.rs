//! Latency and CPU time of encoders of DistilBERT's shape, interleaved, in one process:
//! `cargo run --release --example bench_encoder -- [--threads 1,2] [--rounds 15] [--variant avx2]
//! [--precision int8]`.

#[path = "../tests/encoder/model.rs"]
mod model;
mod support;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use model::{DISTILBERT, Random, Spec};
use stillwatt_kernels::encoder::{Batch, Encoder};
use stillwatt_kernels::{Context, Variant};
use support::cpu_ms;

const LENGTHS: [usize; 5] = [32, 64, 128, 256, 512];
const BATCHES: [usize; 2] = [1, 8];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        Some(arguments[at + 1].clone())
    };
    let threads = value("--threads").unwrap_or("1,2".into());
    let rounds: usize = value("--rounds").map_or(15, |text| text.parse().expect("a number"));
    let variant = match value("--variant") {
        Some(name) => Variant::parse(&name).expect("a variant of this CPU"),
        None => Variant::detect(),
    };
    let mut kinds = Vec::new();
    let precisions: &[bool] = match value("--precision").as_deref() {
        None => &[true, false],
        Some("int8") => &[true],
        Some("f32") => &[false],
        Some(other) => panic!("a precision of {other}"),
    };
    for int8 in precisions.iter().copied() {
        for attention in ["dot", "inhibitor"] {
            kinds.push(Spec {
                int8,
                attention,
                ..DISTILBERT
            });
        }
    }
    let files: Vec<_> = kinds
        .iter()
        .map(|kind| (kind.config(), kind.safetensors(1)))
        .collect();
    println!(
        "{}, f32 products by {}",
        variant.name(),
        stillwatt_kernels::linear::gemm_name()
    );
    for threads in threads
        .split(',')
        .map(|text| text.parse().expect("a number"))
    {
        let context = Arc::new(Context::new(variant, threads).expect("threads"));
        let load = |(config, file): &(String, Vec<u8>)| {
            Encoder::load(Arc::clone(&context), config.as_bytes(), file).expect("a model")
        };
        let encoders: Vec<_> = files.iter().map(load).collect();
        for length in LENGTHS {
            for batch in BATCHES {
                let times = measure(&encoders, length, batch, rounds);
                let text: Vec<_> = std::iter::zip(&kinds, &times)
                    .map(|(kind, Times { wall, cpu, best })| {
                        let precision = if kind.int8 { "int8" } else { "f32" };
                        format!(
                            "{precision} {} {wall:.2} cpu {cpu:.2} best {best:.2}",
                            kind.attention
                        )
                    })
                    .collect();
                let ratios: Vec<_> = times
                    .chunks_exact(2)
                    .map(|pair| format!("{:.3}", pair[1].cpu / pair[0].cpu))
                    .collect();
                println!(
                    "{threads} threads, {batch} × {length:3}: {} ms; cpu of inhibitor ÷ dot {}",
                    text.join(", "),
                    ratios.join(", ")
                );
            }
        }
        for (kind, encoder) in std::iter::zip(&kinds, &encoders) {
            println!(
                "{} int8 {}: {:?}",
                kind.attention,
                kind.int8,
                encoder.footprint()
            );
        }
    }
}

/// Milliseconds.
struct Times {
    /// Median.
    wall: f64,
    /// Median over all threads; stays meaningful on a busy machine.
    cpu: f64,
    /// Shortest by the clock.
    best: f64,
}

/// Rounds go through all encoders in turn.
fn measure(encoders: &[Encoder], length: usize, count: usize, rounds: usize) -> Vec<Times> {
    let mut random = Random::new(length as u64);
    let ids: Vec<i32> = (0..length * count)
        .map(|_| random.below(30_000) as i32)
        .collect();
    let lengths = vec![length as i32; count];
    let batch = Batch {
        ids: &ids,
        lengths: &lengths,
        types: None,
    };
    let mut times = vec![Vec::new(); encoders.len()];
    for round in 0..rounds + 2 {
        for (encoder, times) in encoders.iter().zip(&mut times) {
            let mut output = vec![0.0; encoder.output_len(&batch)];
            let (start, cpu) = (Instant::now(), cpu_ms());
            encoder
                .run(&batch, &mut output, &AtomicBool::new(false))
                .expect("a run");
            let elapsed = start.elapsed().as_secs_f64() * 1e3;
            if round >= 2 {
                times.push((elapsed, cpu_ms() - cpu));
            }
        }
    }
    times.into_iter().map(|times| summarise(&times)).collect()
}

fn summarise(times: &[(f64, f64)]) -> Times {
    let sorted = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values
    };
    let wall = sorted(times.iter().map(|(wall, _)| *wall).collect());
    let cpu = sorted(times.iter().map(|(_, cpu)| *cpu).collect());
    let middle = times.len() / 2;
    Times {
        wall: wall[middle],
        cpu: cpu[middle],
        best: wall[0],
    }
}
