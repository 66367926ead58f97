//! What a CPU can do at most: loops that multiply and add lines of the first cache, and nothing else.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::context::Context;
use crate::simd::{BYTES, Kernel, LANES, Simd};

/// Lines that are read again and again: 4 KiB.
const LINES: usize = 64;
/// How long a thread tries, and the part of it whose best counts.
const EFFORT: Duration = Duration::from_millis(60);
const WINDOW: Duration = Duration::from_millis(2);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// Fused multiplication and addition.
    F32,
    /// Products of unsigned and signed bytes, summed in i32.
    Int8,
}

/// Operations per second of all threads of the context at once, by its variant's instructions; a
/// multiplication and an addition are two. Takes some 60 ms.
pub fn measure_peak(context: &Context, arithmetic: Arithmetic) -> f64 {
    let rates = context
        .pool
        .install(|| rayon::broadcast(|_| rate(context, arithmetic)));
    rates.into_iter().sum()
}

/// Of this thread.
fn rate(context: &Context, arithmetic: Arithmetic) -> f64 {
    let run = |rounds: usize| match arithmetic {
        Arithmetic::F32 => context.run(Floats { rounds }),
        Arithmetic::Int8 => context.run(Bytes { rounds }),
    };
    let (mut rounds, mut best) = (16, 0f64);
    let end = Instant::now() + EFFORT;
    while Instant::now() < end {
        let start = Instant::now();
        let operations = run(rounds);
        let elapsed = start.elapsed();
        if elapsed < WINDOW {
            rounds *= 2;
        } else {
            best = best.max(operations / elapsed.as_secs_f64());
        }
    }
    best
}

/// `rounds` times all lines; gives the operations.
struct Floats {
    rounds: usize,
}

impl Kernel for Floats {
    type Output = f64;

    #[inline(always)]
    unsafe fn run<S: Simd>(self) -> f64 {
        // SAFETY: the caller's.
        unsafe {
            if S::REGISTERS == 32 {
                self.sum::<S, 16>()
            } else {
                self.sum::<S, 6>()
            }
        }
    }
}

impl Floats {
    /// A sums at once, so that none waits for the one before.
    #[inline(always)]
    unsafe fn sum<S: Simd, const A: usize>(&self) -> f64 {
        let data = black_box([0.5f32; LINES * LANES]);
        let from = data.as_ptr();
        // SAFETY: the caller's; all lines are in `data`.
        unsafe {
            let factor = S::load(from);
            let mut sums = [factor; A];
            for (at, sum) in sums.iter_mut().enumerate() {
                // values that the compiler does not know to be equal
                *sum = S::load(from.add(at * LANES));
            }
            for _ in 0..self.rounds {
                for line in 0..LINES {
                    let line = S::load(from.add(line * LANES));
                    for sum in &mut sums {
                        *sum = S::fma(line, factor, *sum);
                    }
                }
            }
            let mut all = sums[0];
            for sum in &sums[1..] {
                all = S::add(all, *sum);
            }
            black_box(S::sum(all));
        }
        (2 * LANES * A * LINES * self.rounds) as f64
    }
}

/// `rounds` times all lines; gives the operations.
struct Bytes {
    rounds: usize,
}

impl Kernel for Bytes {
    type Output = f64;

    #[inline(always)]
    unsafe fn run<S: Simd>(self) -> f64 {
        // SAFETY: the caller's.
        unsafe {
            if S::REGISTERS == 32 {
                self.sum::<S, 16>()
            } else {
                self.sum::<S, 4>()
            }
        }
    }
}

impl Bytes {
    /// A sums at once, each of its own factor: else a variant whose product takes more than one
    /// instruction would multiply once for all.
    #[inline(always)]
    unsafe fn sum<S: Simd, const A: usize>(&self) -> f64 {
        let data = black_box([3u8; LINES * BYTES]);
        let from = data.as_ptr();
        // SAFETY: the caller's; all lines are in `data`.
        unsafe {
            let mut sums = [S::splat_i32(0); A];
            let mut factors = [S::zero_bytes(); A];
            for (at, factor) in factors.iter_mut().enumerate() {
                *factor = S::splat_4(from.add(at * 4));
            }
            for _ in 0..self.rounds {
                for line in 0..LINES {
                    let line = S::load_bytes(from.add(line * BYTES));
                    for (sum, factor) in sums.iter_mut().zip(factors) {
                        *sum = S::dot_4(*sum, line, factor);
                    }
                }
            }
            let mut all = sums[0];
            for sum in &sums[1..] {
                all = S::add_i32(all, *sum);
            }
            black_box(S::sum_i32(all));
        }
        (2 * BYTES * A * LINES * self.rounds) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variant::Variant;

    #[test]
    fn a_variant_is_faster_than_one_operation_a_nanosecond_and_slower_than_can_be() {
        for variant in Variant::ALL
            .into_iter()
            .filter(|variant| variant.is_supported())
        {
            let context = Context::new(variant, 1).unwrap();
            for arithmetic in [Arithmetic::F32, Arithmetic::Int8] {
                let rate = measure_peak(&context, arithmetic);
                println!("{} {arithmetic:?} {:.1} G/s", variant.name(), rate / 1e9);
                // two units of 512 bits at 8 GHz
                let most = if arithmetic == Arithmetic::F32 {
                    512e9
                } else {
                    2048e9
                };
                assert!((1e7..most).contains(&rate), "{rate}");
            }
        }
    }
}
