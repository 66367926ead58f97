//! Times of linear layers and training operations: `cargo run --release --example training`.
//! Least of many interleaved runs, in milliseconds, on 1 and 2 threads: elapsed, and (Linux) of CPUs,
//! which counts where others use the machine too.

mod support;

use std::time::Instant;

use stillwatt_kernels::linear::{self, PackedFloat, Weight};
use stillwatt_kernels::training::{self, AdamSettings, AdamWeight, Dropout};
use stillwatt_kernels::{Context, Result, Variant};
use support::{cpu_ms, floats};

type Run<'a> = Box<dyn Fn(&Context, &mut Buffers) -> Result<()> + 'a>;

/// What operations write.
struct Buffers {
    a: Vec<f32>,
    b: Vec<f32>,
    c: Vec<f32>,
    inverse: Vec<f32>,
    row: Vec<f32>,
    row2: Vec<f32>,
    table: Vec<f32>,
}

fn main() -> Result<()> {
    let runs = std::env::args()
        .nth(1)
        .and_then(|runs| runs.parse().ok())
        .unwrap_or(15);
    let variant = match std::env::args().nth(2) {
        Some(name) => Variant::parse(&name)?,
        None => Variant::detect(),
    };
    println!("{}, products {}", variant.name(), linear::gemm_name());
    let contexts = [Context::new(variant, 1)?, Context::new(variant, 2)?];
    for (tokens, hidden, inner) in [(864, 384, 1536), (1024, 768, 3072)] {
        measure(&contexts, tokens, hidden, inner, runs)?;
    }
    Ok(())
}

fn measure(contexts: &[Context], t: usize, h: usize, f: usize, runs: usize) -> Result<()> {
    println!("\nT = {t}, H = {h}, F = {f}");
    let (x, dy, wide) = (floats(t * h), floats(t * h), floats(t * f));
    let (w, w_up, bias) = (floats(h * h), floats(f * h), floats(f));
    let (packed, packed_up) = (PackedFloat::new(&w, h, h)?, PackedFloat::new(&w_up, f, h)?);
    let ids: Vec<i32> = (0..t).map(|at| (at * 29) as i32).collect();
    let mut buffers = Buffers {
        a: vec![0.0; t * f],
        b: vec![0.5; t * f],
        c: vec![0.0; f * h],
        inverse: vec![1.0; t],
        row: vec![0.0; f],
        row2: vec![0.0; f],
        table: floats(30_522 * h),
    };
    let none = Dropout::NONE;
    let mask = Dropout::new(1, 0.1)?;
    let lengths = vec![t as i32 / 8 - 5; 8];
    let layer = |x, weight, inputs, outputs| -> Run {
        let bias = &bias[..outputs];
        Box::new(move |k, o| {
            let y = &mut o.a[..t * outputs];
            linear::linear(k, x, weight, Some(bias), y, t, inputs, outputs)
        })
    };
    let weight_gradient = |dy, outputs| -> Run {
        let x = &x;
        Box::new(move |k, o| {
            let (dw, db) = (&mut o.c[..outputs * h], &mut o.row[..outputs]);
            linear::linear_weight_gradient(k, dy, x, dw, Some(db), t, h, outputs)
        })
    };
    let (scale, shift) = (&bias[..h], &bias[..h]);
    let norm = |dropout| -> Run {
        let (x, residual) = (&x, Some(&dy[..]));
        Box::new(move |k, o| {
            let (y, normalised) = (&mut o.a[..t * h], Some(&mut o.b[..t * h]));
            let inverse = Some(&mut o.inverse[..]);
            training::layer_norm(
                k, x, residual, dropout, scale, shift, 1e-5, normalised, inverse, y, t, h,
            )
        })
    };
    let norm_gradient = |dropout: Dropout| -> Run {
        let (dy, normalised) = (&dy, &x);
        Box::new(move |k, o| {
            let (d_sum, dx) = (&mut o.a[..t * h], &mut o.b[..t * h]);
            let dx = (!dropout.is_none()).then_some(dx);
            let (dw, db) = (&mut o.row[..h], &mut o.row2[..h]);
            let inverse = &o.inverse;
            training::layer_norm_gradient(
                k, dy, normalised, inverse, scale, dropout, d_sum, dx, dw, db, t, h,
            )
        })
    };
    let operations: Vec<(&str, Run)> = vec![
        ("linear H×H", layer(&x, Weight::Plain(&w), h, h)),
        (
            "linear H×H packed",
            layer(&x, Weight::Packed(&packed), h, h),
        ),
        ("linear H→F", layer(&x, Weight::Plain(&w_up), h, f)),
        (
            "linear H→F packed",
            layer(&x, Weight::Packed(&packed_up), h, f),
        ),
        (
            "linear gelu H→F",
            Box::new(|k, o| {
                let (weight, u) = (Weight::Plain(&w_up), Some(&mut o.b[..]));
                linear::linear_gelu(k, &x, weight, Some(&bias), u, &mut o.a, t, h, f)
            }),
        ),
        ("linear F→H", layer(&wide, Weight::Plain(&w_up), f, h)),
        (
            "input gradient H→F",
            Box::new(|k, o| {
                linear::linear_input_gradient(k, &wide, &w_up, &mut o.a[..t * h], t, h, f, false)
            }),
        ),
        ("weight gradient H→F", weight_gradient(&wide, f)),
        ("weight gradient H×H", weight_gradient(&dy, h)),
        (
            "bias gradient F",
            Box::new(|k, o| training::column_sums(k, &wide, &mut o.row, t, f)),
        ),
        ("layer norm", norm(none)),
        ("layer norm, dropout", norm(mask)),
        ("layer norm gradient", norm_gradient(none)),
        ("layer norm gradient, dropout", norm_gradient(mask)),
        (
            "gelu F",
            Box::new(|k, o| training::gelu(k, Some(&wide), &mut o.a)),
        ),
        (
            "gelu gradient F",
            Box::new(|k, o| training::gelu_gradient(k, Some(&wide), &o.b, &mut o.a)),
        ),
        (
            "gelu tanh F",
            Box::new(|k, o| training::gelu_tanh(k, Some(&wide), &mut o.a)),
        ),
        (
            "dropout H",
            Box::new(|k, o| training::dropout(k, Some(&x), &mut o.a[..t * h], mask)),
        ),
        (
            "add H",
            Box::new(|k, o| training::add(k, Some(&x), &dy, &mut o.a[..t * h])),
        ),
        (
            "gather",
            Box::new(|k, o| {
                training::embedding_gather(k, &o.table, &ids, &mut o.a[..t * h], t, h, false)
            }),
        ),
        (
            "scatter add",
            Box::new(|k, o| training::embedding_scatter_add(k, &x, &ids, &mut o.table, t, h)),
        ),
        (
            "align loss",
            Box::new(|k, o| {
                training::align_loss(k, &x, &dy, &lengths, 8, t / 8, h, 1.0, &mut o.a[..t * h])
                    .map(drop)
            }),
        ),
        (
            "norm of 4·H·F",
            Box::new(|k, o| training::global_norm(k, &[&o.c[..]; 4]).map(drop)),
        ),
        (
            "adamw of H·F",
            Box::new(|k, o| {
                let (weight, first) = (&mut o.c[..], &mut o.table[..h * f]);
                let each = AdamWeight {
                    weight,
                    gradient: &w_up,
                    first,
                    second: &mut o.b[..h * f],
                    decays: true,
                };
                let settings = AdamSettings {
                    step: 3,
                    rate: 1e-5,
                    beta1: 0.9,
                    beta2: 0.999,
                    epsilon: 1e-8,
                    weight_decay: 0.01,
                    gradient_scale: 1.0,
                };
                training::adamw(k, &mut [each], settings)
            }),
        ),
    ];
    let mut best = vec![[[f64::INFINITY; 2]; 2]; operations.len()];
    for _ in 0..runs {
        for ((_, run), best) in operations.iter().zip(&mut best) {
            for (context, best) in contexts.iter().zip(best) {
                let (start, cpu) = (Instant::now(), cpu_ms());
                run(context, &mut buffers)?;
                let spent = [start.elapsed().as_secs_f64() * 1e3, cpu_ms() - cpu];
                for (best, spent) in best.iter_mut().zip(spent) {
                    *best = best.min(spent);
                }
            }
        }
    }
    println!(
        "{:30} {:>17} {:>17}",
        "", "1 thread (CPU)", "2 threads (CPU)"
    );
    for ((name, _), [[one, cpu1], [two, cpu2]]) in operations.iter().zip(best) {
        println!("{name:30} {one:8.3} {cpu1:8.3} {two:8.3} {cpu2:8.3}");
    }
    Ok(())
}
