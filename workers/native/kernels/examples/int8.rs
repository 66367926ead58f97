//! Speed of the int8 kernels on one thread: products next to rten-gemm, attention cores next to each other.
//! `cargo run --release --example int8 [variant]`. Best of many runs, interleaved; sums are checked first.

mod support;

use std::hint::black_box;

use rten_gemm::{GemmExecutor, GemmInputA, GemmInputB, GemmOptions};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;
use stillwatt_kernels::int8::{
    Head, HeadScratch, InhibitorParameters, PackedWeights, RowScales, Rows, dot_head,
    inhibitor_head, linear, linear_gelu, quantize_rows,
};
use stillwatt_kernels::{Context, Variant};
use support::{fastest, floats};

fn main() {
    let variant = std::env::args()
        .nth(1)
        .unwrap_or(Variant::detect().name().into());
    let context = Context::new(Variant::parse(&variant).unwrap(), 1).unwrap();
    println!("{variant}, one thread");
    // rten-gemm takes the threads of the pool that it is called in
    context.pool.install(|| products(&context));
    heads(&context);
}

fn products(context: &Context) {
    println!("rows × inputs × outputs: GOP/s plain, with GELU, rten-gemm; quantizing the rows, µs");
    let theirs: GemmExecutor<u8, i8, i32> = GemmExecutor::new();
    for (inputs, outputs) in [(768, 768), (768, 2304), (768, 3072), (3072, 768)] {
        for rows in [32, 128, 512, 1024] {
            let x = floats(rows * inputs);
            let mut bytes = vec![0; rows * inputs];
            let mut scales = vec![0.0; rows];
            quantize_rows(context, &x, inputs, &mut bytes, &mut scales).unwrap();
            let w: Vec<i8> = floats(outputs * inputs)
                .iter()
                .map(|x| (x * 127.0) as i8)
                .collect();
            let weights = PackedWeights::new(&w, &vec![1.0; outputs], outputs, inputs).unwrap();
            let bias = vec![0.0; outputs];
            let mut y = vec![0.0; rows * outputs];
            let mut gelu = y.clone();

            let across: Vec<i8> = (0..inputs * outputs)
                .map(|at| w[at % outputs * inputs + at / outputs])
                .collect();
            let packed = theirs.prepack_b(NdTensor::from_data([inputs, outputs], across).view());
            let a = NdTensor::from_data([rows, inputs], bytes.clone());
            let mut sums = vec![0; rows * outputs];

            let input = Rows {
                bytes: &bytes,
                scales: RowScales::One(1.0),
            };
            let work = 2.0 * (rows * inputs * outputs) as f64;
            let rounds = (3e10 / work) as usize;
            let (mut bytes_2, mut scales_2) = (bytes.clone(), scales.clone());
            let [own, with_gelu, rten, quantize] = fastest(
                rounds,
                [
                    &mut || linear(context, input, &weights, &bias, black_box(&mut y)).unwrap(),
                    &mut || {
                        linear_gelu(context, input, &weights, &bias, black_box(&mut gelu)).unwrap()
                    },
                    &mut || {
                        theirs
                            .gemm(
                                black_box(&mut sums),
                                GemmInputA::Unpacked(a.view()),
                                GemmInputB::Packed(&packed),
                                GemmOptions::default(),
                            )
                            .unwrap();
                    },
                    &mut || {
                        quantize_rows(context, &x, inputs, black_box(&mut bytes_2), &mut scales_2)
                            .unwrap();
                    },
                ],
            );
            check(&y, &sums, &w, outputs, inputs);
            println!(
                "{rows:5} × {inputs:4} × {outputs:4}: {:4.0} {:4.0} {:4.0}   ratio {:.2}; {:.0} µs + {:.1} µs",
                work / own / 1e9,
                work / with_gelu / 1e9,
                work / rten / 1e9,
                rten / own,
                own * 1e6,
                quantize * 1e6
            );
        }
    }
}

/// Theirs sums unsigned activations, ours has their 128 taken off.
fn check(y: &[f32], sums: &[i32], w: &[i8], outputs: usize, inputs: usize) {
    let columns: Vec<i32> = w
        .chunks(inputs)
        .map(|row| row.iter().map(|w| 128 * i32::from(*w)).sum())
        .collect();
    for (at, (y, sum)) in y.iter().zip(sums).enumerate() {
        assert_eq!(*y, (sum - columns[at % outputs]) as f32, "at {at}");
    }
}

fn heads(context: &Context) {
    println!(
        "µs of twelve heads of 64, quantizing and packing included: dot, inhibitor, inhibitor ÷ dot"
    );
    let (heads, d) = (12, 64);
    let stride = 3 * d;
    for n in [32, 64, 96, 128, 192, 256, 384, 512] {
        let x = floats(n * stride);
        let (mut y, mut other) = (vec![0.0; n * d], vec![0.0; n * d]);
        let mut scratch = HeadScratch::new(n, d);
        let mut scratch_2 = HeadScratch::new(n, d);
        let parameters = InhibitorParameters {
            alpha: 0.3,
            beta: 1.0,
            gamma: 0.7,
            normalise: true,
            center_over_all: false,
        };
        // one head's projections after the other, as the encoder has them
        let head = Head {
            q: &x,
            k: &x[d..],
            v: &x[2 * d..],
            stride,
            d,
            tokens: n,
            valid: n,
            scales: None,
        };
        let [dot, inhibitor] = fastest(
            100_000 / n,
            [
                &mut || {
                    for _ in 0..heads {
                        let y = black_box(&mut y);
                        dot_head(context, &head, 0.125, &mut scratch, y, d).unwrap();
                    }
                },
                &mut || {
                    for _ in 0..heads {
                        let y = black_box(&mut other);
                        inhibitor_head(context, &head, &parameters, &mut scratch_2, y, d).unwrap();
                    }
                },
            ],
        );
        println!(
            "{n:4}: {:7.1} {:7.1}   {:.3}",
            dot * 1e6,
            inhibitor * 1e6,
            inhibitor / dot
        );
    }
}
