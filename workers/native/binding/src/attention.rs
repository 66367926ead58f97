//! Attention: order and names of arguments as in `lib/attention.ts`.

use napi::{Error, Result};
use napi_derive::napi;
use stillwatt_kernels::KernelError;
use stillwatt_kernels::attention::{self, Inhibitor, QkGradient, Shape};
use stillwatt_kernels::training::Dropout;

use crate::arrays::{Floats, Integers, apart};
use crate::failure::failure;
use crate::kernels::NativeKernels;

pub fn shape([batch, tokens, heads, features]: [u32; 4]) -> Shape {
    Shape {
        batch: batch as usize,
        tokens: tokens as usize,
        heads: heads as usize,
        features: features as usize,
    }
}

/// What the layer has learned, and its settings.
///
/// # Safety
/// As [`Floats::read`].
unsafe fn inhibitor<'a>(
    [alpha, beta, gamma]: [&Floats; 3],
    [normalise, center_over_all]: [bool; 2],
    seed: u32,
    rate: f64,
) -> Result<Inhibitor<'a>> {
    let key_dropout = Dropout::new(seed, rate).map_err(failure)?;
    // SAFETY: the caller's promise.
    let [alpha, beta, gamma] = [alpha, beta, gamma].map(|scalars| unsafe { scalars.read() });
    Ok(Inhibitor {
        alpha,
        beta,
        gamma,
        normalise,
        center_over_all,
        key_dropout,
    })
}

/// Gradients of α, β and γ within `scalars`, where they lie as α, γ, β.
fn split<'a>(scalars: &'a mut [f32], inhibitor: &Inhibitor) -> Result<[&'a mut [f32]; 3]> {
    let (alphas, gammas) = (inhibitor.alpha.len(), inhibitor.gamma.len());
    scalars
        .split_at_mut_checked(alphas)
        .and_then(|(d_alpha, rest)| {
            let (d_gamma, d_beta) = rest.split_at_mut_checked(gammas)?;
            Some([d_alpha, d_beta, d_gamma])
        })
        .ok_or_else(|| refused("scalars lack values of α, γ or β".into()))
}

fn stand_in(qk_gradient: u32) -> Result<QkGradient> {
    match qk_gradient {
        0 => Ok(QkGradient::Sign),
        1 => Ok(QkGradient::Clamp),
        2 => Ok(QkGradient::Difference),
        other => Err(refused(format!("a qkGradient of {other}"))),
    }
}

fn refused(text: String) -> Error {
    failure(KernelError::Invalid(text))
}

#[napi]
impl NativeKernels {
    #[napi(catch_unwind)]
    pub fn dot_attention(
        &self,
        projected: Floats,
        lengths: Integers,
        context: Floats,
        log_sum_exp: Option<Floats>,
        batch: u32,
        tokens: u32,
        heads: u32,
        features: u32,
    ) -> Result<()> {
        apart(&[&context, &log_sum_exp], &[&projected, &lengths])?;
        // SAFETY: apart.
        let done = unsafe {
            attention::dot_attention(
                &self.context,
                shape([batch, tokens, heads, features]),
                projected.read(),
                lengths.read(),
                context.write(),
                log_sum_exp.map(|log_sum_exp| log_sum_exp.write()),
            )
        };
        done.map_err(failure)
    }

    #[napi(catch_unwind)]
    pub fn dot_attention_gradient(
        &self,
        projected: Floats,
        lengths: Integers,
        context: Floats,
        log_sum_exp: Floats,
        d_context: Floats,
        d_projected: Floats,
        batch: u32,
        tokens: u32,
        heads: u32,
        features: u32,
    ) -> Result<()> {
        apart(
            &[&d_projected],
            &[&projected, &lengths, &context, &log_sum_exp, &d_context],
        )?;
        // SAFETY: apart.
        let done = unsafe {
            attention::dot_attention_gradient(
                &self.context,
                shape([batch, tokens, heads, features]),
                projected.read(),
                lengths.read(),
                context.read(),
                log_sum_exp.read(),
                d_context.read(),
                d_projected.write(),
            )
        };
        done.map_err(failure)
    }

    #[napi(catch_unwind)]
    pub fn inhibitor_attention(
        &self,
        projected: Floats,
        lengths: Integers,
        context: Floats,
        alpha: Floats,
        beta: Floats,
        gamma: Floats,
        normalise: bool,
        center_over_all: bool,
        seed: u32,
        rate: f64,
        batch: u32,
        tokens: u32,
        heads: u32,
        features: u32,
    ) -> Result<()> {
        apart(&[&context], &[&projected, &lengths, &alpha, &beta, &gamma])?;
        let learned = [&alpha, &beta, &gamma];
        // SAFETY: apart.
        let done = unsafe {
            attention::inhibitor_attention(
                &self.context,
                shape([batch, tokens, heads, features]),
                &inhibitor(learned, [normalise, center_over_all], seed, rate)?,
                projected.read(),
                lengths.read(),
                context.write(),
            )
        };
        done.map_err(failure)
    }

    /// `scalars`: gradients of α, then γ, then β, each of its parameter's length.
    #[napi(catch_unwind)]
    pub fn inhibitor_attention_gradient(
        &self,
        projected: Floats,
        lengths: Integers,
        d_context: Floats,
        d_projected: Floats,
        scalars: Floats,
        qk_gradient: u32,
        alpha: Floats,
        beta: Floats,
        gamma: Floats,
        normalise: bool,
        center_over_all: bool,
        seed: u32,
        rate: f64,
        batch: u32,
        tokens: u32,
        heads: u32,
        features: u32,
    ) -> Result<()> {
        apart(
            &[&d_projected, &scalars],
            &[&projected, &lengths, &d_context, &alpha, &beta, &gamma],
        )?;
        let learned = [&alpha, &beta, &gamma];
        // SAFETY: apart.
        let done = unsafe {
            let inhibitor = inhibitor(learned, [normalise, center_over_all], seed, rate)?;
            attention::inhibitor_attention_gradient(
                &self.context,
                shape([batch, tokens, heads, features]),
                &inhibitor,
                stand_in(qk_gradient)?,
                projected.read(),
                lengths.read(),
                d_context.read(),
                d_projected.write(),
                split(scalars.write(), &inhibitor)?,
            )
        };
        done.map_err(failure)
    }
}
