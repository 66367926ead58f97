//! AdamW over all weights in one pass, as PyTorch does it: decoupled decay, moments in f32.

use super::map::CHUNK;
use crate::context::Context;
use crate::error::{KernelError, Result, check_len};
use crate::simd::{Kernel, LANES, Simd};
use crate::threads::Shared;

/// One weight with its gradient and moments, of equal lengths.
pub struct AdamWeight<'a> {
    pub weight: &'a mut [f32],
    pub gradient: &'a [f32],
    pub first: &'a mut [f32],
    pub second: &'a mut [f32],
    pub decays: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct AdamSettings {
    /// Number of this step, 1-based.
    pub step: u32,
    pub rate: f64,
    pub beta1: f64,
    pub beta2: f64,
    pub epsilon: f64,
    pub weight_decay: f64,
    /// Factor of all gradients, for clipping.
    pub gradient_scale: f64,
}

/// With g = gradient·scale: w −= rate·decay·w where it decays; m += (1 − β₁)(g − m); v = β₂·v + (1 − β₂)·g²;
/// w −= rate/(1 − β₁ᵗ)·m/(√v/√(1 − β₂ᵗ) + ε). Scalars are made in f64, then f32.
pub fn adamw(context: &Context, weights: &mut [AdamWeight], settings: AdamSettings) -> Result<()> {
    check(weights, &settings)?;
    let scalars = Scalars::of(&settings);
    let pieces: Vec<(usize, usize)> = weights
        .iter()
        .enumerate()
        .flat_map(|(index, each)| {
            let starts = (0..each.weight.len()).step_by(CHUNK);
            starts.map(move |from| (index, from))
        })
        .collect();
    let shared: Vec<(Parts, bool)> = weights
        .iter_mut()
        .map(|each| {
            let parts = Parts {
                weight: Shared::new(each.weight),
                first: Shared::new(each.first),
                second: Shared::new(each.second),
                gradient: each.gradient,
            };
            (parts, each.decays)
        })
        .collect();
    context.pool.each(pieces.len(), |piece| {
        let (index, from) = pieces[piece];
        let (parts, decays) = &shared[index];
        let len = CHUNK.min(parts.gradient.len() - from);
        // SAFETY: pieces do not overlap.
        let (weight, first, second) = unsafe {
            (
                parts.weight.part(from, len),
                parts.first.part(from, len),
                parts.second.part(from, len),
            )
        };
        context.run(Update {
            weight,
            gradient: &parts.gradient[from..from + len],
            first,
            second,
            kept: if *decays { scalars.kept } else { 1.0 },
            scalars,
        });
    });
    Ok(())
}

struct Parts<'a> {
    weight: Shared<f32>,
    first: Shared<f32>,
    second: Shared<f32>,
    gradient: &'a [f32],
}

fn check(weights: &[AdamWeight], settings: &AdamSettings) -> Result<()> {
    for each in weights {
        let len = each.weight.len();
        check_len("gradient", each.gradient, len)?;
        check_len("first", each.first, len)?;
        check_len("second", each.second, len)?;
    }
    let AdamSettings {
        step, beta1, beta2, ..
    } = *settings;
    let good = step >= 1 && [beta1, beta2].iter().all(|beta| (0.0..1.0).contains(beta));
    if good {
        return Ok(());
    }
    Err(KernelError::Invalid(format!(
        "step {step} with β₁ {beta1}, β₂ {beta2}; steps start at 1 and 0 ≤ β < 1"
    )))
}

#[derive(Clone, Copy)]
struct Scalars {
    /// 1 − rate·decay
    kept: f32,
    gradient_scale: f32,
    /// 1 − β₁
    first: f32,
    beta2: f32,
    /// 1 − β₂
    second: f32,
    /// rate/(1 − β₁ᵗ)
    rate: f32,
    /// √(1 − β₂ᵗ)
    correction: f32,
    epsilon: f32,
}

impl Scalars {
    fn of(settings: &AdamSettings) -> Self {
        let power = |beta: f64| 1.0 - beta.powf(f64::from(settings.step));
        Self {
            kept: (1.0 - settings.rate * settings.weight_decay) as f32,
            gradient_scale: settings.gradient_scale as f32,
            first: (1.0 - settings.beta1) as f32,
            beta2: settings.beta2 as f32,
            second: (1.0 - settings.beta2) as f32,
            rate: (settings.rate / power(settings.beta1)) as f32,
            correction: power(settings.beta2).sqrt() as f32,
            epsilon: settings.epsilon as f32,
        }
    }
}

/// One piece; slices of equal lengths.
struct Update<'a> {
    weight: &'a mut [f32],
    gradient: &'a [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
    kept: f32,
    scalars: Scalars,
}

impl Kernel for Update<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let len = self.weight.len();
        let whole = len / LANES * LANES;
        // SAFETY: offsets are below the common length.
        unsafe {
            for at in (0..whole).step_by(LANES) {
                self.lanes::<S, true>(at, LANES);
            }
            if whole < len {
                self.lanes::<S, false>(whole, len - whole);
            }
        }
    }
}

impl Update<'_> {
    #[inline(always)]
    unsafe fn lanes<S: Simd, const WHOLE: bool>(&self, at: usize, count: usize) {
        let s = self.scalars;
        // SAFETY: `count` lanes from `at` on are inside of all; they are this piece's own.
        unsafe {
            let gradient = self.gradient.as_ptr().add(at);
            let weight = self.weight.as_ptr().add(at).cast_mut();
            let first = self.first.as_ptr().add(at).cast_mut();
            let second = self.second.as_ptr().add(at).cast_mut();
            let g = S::mul(
                load::<S, WHOLE>(gradient, count),
                S::splat(s.gradient_scale),
            );
            let m = load::<S, WHOLE>(first, count);
            let m = S::fma(S::splat(s.first), S::sub(g, m), m);
            let v = S::mul(load::<S, WHOLE>(second, count), S::splat(s.beta2));
            let v = S::fma(S::mul(g, g), S::splat(s.second), v);
            let w = S::mul(load::<S, WHOLE>(weight, count), S::splat(self.kept));
            let deviation = S::add(
                S::div(S::sqrt(v), S::splat(s.correction)),
                S::splat(s.epsilon),
            );
            let step = S::div(S::mul(m, S::splat(s.rate)), deviation);
            store::<S, WHOLE>(weight, S::sub(w, step), count);
            store::<S, WHOLE>(first, m, count);
            store::<S, WHOLE>(second, v, count);
        }
    }
}

#[inline(always)]
unsafe fn load<S: Simd, const WHOLE: bool>(from: *const f32, count: usize) -> S::F {
    // SAFETY: the caller's.
    unsafe {
        if WHOLE {
            S::load(from)
        } else {
            S::load_first(from, count)
        }
    }
}

#[inline(always)]
unsafe fn store<S: Simd, const WHOLE: bool>(to: *mut f32, x: S::F, count: usize) {
    // SAFETY: the caller's.
    unsafe {
        if WHOLE {
            S::store(to, x)
        } else {
            S::store_first(to, x, count)
        }
    }
}
