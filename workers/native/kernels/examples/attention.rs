//! Speed of f32 attention, forward and gradient: µs for a layer of one sequence, 12 heads of 64 features.
//! `cargo run --release --example attention [variant] [threads]`; without a variant, all of this CPU on one
//! thread. Best of many runs, the inhibitor and the dot product in turns. Correctness: `cargo test`.

mod support;

use stillwatt_kernels::attention::{
    Inhibitor, QkGradient, Shape, dot_attention, dot_attention_gradient, inhibitor_attention,
    inhibitor_attention_gradient,
};
use stillwatt_kernels::training::Dropout;
use stillwatt_kernels::{Context, Variant};
use support::{fastest, floats};

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
