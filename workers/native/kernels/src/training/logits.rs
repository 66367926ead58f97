//! Losses of logits (B, C): a value and the gradient. Few numbers, so f64 on one thread.

use crate::error::{KernelError, Result, check_len};

/// Mean cross-entropy against class indices (B); gradient (B, C) = (softmax − one-hot)/B.
pub fn cross_entropy(
    logits: &[f32],
    labels: &[i32],
    gradient: &mut [f32],
    batch: usize,
    classes: usize,
) -> Result<f64> {
    check(batch, classes)?;
    check_len("logits", logits, batch * classes)?;
    check_len("labels", labels, batch)?;
    check_len("gradient", gradient, batch * classes)?;
    if let Some(label) = labels
        .iter()
        .find(|label| !(0..classes as i64).contains(&i64::from(**label)))
    {
        return Err(KernelError::Invalid(format!(
            "label {label} among {classes} classes"
        )));
    }
    let mut value = 0.0;
    let rows = logits
        .chunks_exact(classes)
        .zip(gradient.chunks_exact_mut(classes));
    for ((logits, gradient), label) in rows.zip(labels) {
        let softmax = Softmax::of(logits, 1.0);
        for (class, (logit, to)) in logits.iter().zip(gradient).enumerate() {
            let log = softmax.log(*logit);
            let mut slope = log.exp();
            if class == *label as usize {
                value -= log / batch as f64;
                slope -= 1.0;
            }
            *to = (slope / batch as f64) as f32;
        }
    }
    Ok(value)
}

/// temperature²·KL(teacher ‖ student) of softened logits (B, C), mean over the batch (Hinton et al.,
/// 2015); gradient (B, C) = temperature·(q − p)/B.
pub fn distillation_loss(
    student: &[f32],
    teacher: &[f32],
    temperature: f64,
    gradient: &mut [f32],
    batch: usize,
    classes: usize,
) -> Result<f64> {
    check(batch, classes)?;
    check_len("student", student, batch * classes)?;
    check_len("teacher", teacher, batch * classes)?;
    check_len("gradient", gradient, batch * classes)?;
    if !(temperature > 0.0 && temperature.is_finite()) {
        return Err(KernelError::Invalid(format!(
            "a temperature of {temperature}; it must be above 0"
        )));
    }
    let mut value = 0.0;
    let rows = student
        .chunks_exact(classes)
        .zip(teacher.chunks_exact(classes));
    for ((student, teacher), gradient) in rows.zip(gradient.chunks_exact_mut(classes)) {
        let (q, p) = (
            Softmax::of(student, temperature),
            Softmax::of(teacher, temperature),
        );
        for ((s, t), to) in student.iter().zip(teacher).zip(gradient) {
            let (q, p) = (q.log(*s), p.log(*t));
            value += temperature * temperature * p.exp() * (p - q) / batch as f64;
            *to = (temperature * (q.exp() - p.exp()) / batch as f64) as f32;
        }
    }
    Ok(value)
}

struct Softmax {
    temperature: f64,
    top: f64,
    total: f64,
}

impl Softmax {
    fn of(logits: &[f32], temperature: f64) -> Self {
        let scaled = || logits.iter().map(|logit| f64::from(*logit) / temperature);
        let top = scaled().fold(f64::NEG_INFINITY, f64::max);
        let total = scaled().map(|logit| (logit - top).exp()).sum::<f64>().ln();
        Self {
            temperature,
            top,
            total,
        }
    }

    /// Logarithm of the probability.
    fn log(&self, logit: f32) -> f64 {
        f64::from(logit) / self.temperature - self.top - self.total
    }
}

fn check(batch: usize, classes: usize) -> Result<()> {
    if batch >= 1 && classes >= 1 && batch.checked_mul(classes).is_some() {
        return Ok(());
    }
    Err(KernelError::Invalid(format!(
        "{batch} rows of {classes} classes; each must be at least 1"
    )))
}
