//! Fuzzes the loader of encoders: `cargo run --release --example fuzz_loader -- --seconds 600 --seed 1`.

#[path = "../tests/encoder/fuzz.rs"]
mod fuzz;
#[path = "../tests/encoder/model.rs"]
mod model;

use std::time::{Duration, Instant};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str, default: u64| {
        let at = arguments.iter().position(|argument| argument == name);
        at.map_or(default, |at| arguments[at + 1].parse().expect("a number"))
    };
    let (seconds, seed) = (value("--seconds", 10), value("--seed", 1));
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut fuzz = fuzz::Fuzz::new(seed);
    while Instant::now() < end {
        fuzz.step();
    }
    let fuzz::Fuzz {
        steps,
        refused,
        ran,
        ..
    } = fuzz;
    println!(
        "seed {seed}, {seconds} s: {steps} files, {refused} refused, {ran} loaded and run, no crash"
    );
}
