//! Speed of f32 attention, forward and gradient: µs for a layer of one sequence, 12 heads of 64 features.
//! `cargo run --release --example attention [variant] [threads]`; without a variant, all of this CPU on one
//! thread. Best of many runs, the inhibitor and the dot product in turns. Correctness: `cargo test`.

use std::time::Instant;

use stillwatt_kernels::attention::{
    Inhibitor, QkGradient, Shape, dot_attention, dot_attention_gradient, inhibitor_attention,
    inhibitor_attention_gradient,
};
use stillwatt_kernels::training::Dropout;
use stillwatt_kernels::{Context, Variant};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let variants = match arguments.next() {
        Some(name) => vec![Variant::parse(&name).unwrap()],
        None => Variant::ALL
            .into_iter()
            .filter(|variant| variant.is_supported())
            .collect(),
    };
    let threads = arguments.next().map_or(1, |text| text.parse().unwrap());
    for variant in variants {
        println!("{}, {threads} threads", variant.name());
        println!("   N  inhibitor        dot   gradients: sign      clamp        dot");
        let context = Context::new(variant, threads).unwrap();
        for tokens in [32, 64, 128, 256, 512] {
            let times = measure(&context, tokens);
            let [a, b, c, d, e] = times.map(|seconds| seconds * 1e6);
            println!("{tokens:4} {a:10.1} {b:10.1} {c:17.1} {d:10.1} {e:10.1}");
        }
    }
}

/// Seconds of a layer, in the order of the table.
fn measure(context: &Context, tokens: usize) -> [f64; 5] {
    let shape = Shape {
        batch: 1,
        tokens,
        heads: 12,
        features: 64,
    };
    let values = tokens * shape.hidden();
    let projected = floats(3 * values);
    let lengths = [tokens as i32];
    let (output, g) = (floats(values), floats(values));
    let log_sums = vec![tokens as f32; 12 * tokens];
    let inhibitor = Inhibitor {
        alpha: &[0.5],
        beta: &[1.0],
        gamma: &[0.7],
        normalise: true,
        center_over_all: false,
        key_dropout: Dropout::NONE,
    };
    let mut results = vec![vec![0.0; values]; 2];
    let mut gradients = vec![vec![0.0; 3 * values]; 3];
    let [one, two] = &mut results[..] else {
        unreachable!()
    };
    let [three, four, five] = &mut gradients[..] else {
        unreachable!()
    };
    let gradient = |mode, to: &mut [f32]| {
        let scalars = &mut [[0.0]; 3];
        let [a, b, c] = scalars.each_mut().map(|x| &mut x[..]);
        let scalars = [a, b, c];
        inhibitor_attention_gradient(
            context, shape, &inhibitor, mode, &projected, &lengths, &g, to, scalars,
        )
        .unwrap();
    };
    fastest(
        (400_000 / (tokens * tokens)).max(8),
        [
            &mut || {
                inhibitor_attention(context, shape, &inhibitor, &projected, &lengths, one).unwrap();
            },
            &mut || dot_attention(context, shape, &projected, &lengths, two, None).unwrap(),
            &mut || gradient(QkGradient::Sign, three),
            &mut || gradient(QkGradient::Clamp, four),
            &mut || {
                dot_attention_gradient(
                    context, shape, &projected, &lengths, &output, &log_sums, &g, five,
                )
                .unwrap();
            },
        ],
    )
}

/// Seconds of the fastest of `rounds` runs of each, taken in turns.
fn fastest<const N: usize>(rounds: usize, mut work: [&mut dyn FnMut(); N]) -> [f64; N] {
    let mut best = [f64::INFINITY; N];
    for round in 0..=rounds {
        for (work, best) in work.iter_mut().zip(&mut best) {
            let start = Instant::now();
            work();
            if round > 0 {
                *best = best.min(start.elapsed().as_secs_f64());
            }
        }
    }
    best
}

/// Evenly from −1 to 1.
fn floats(count: usize) -> Vec<f32> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}
