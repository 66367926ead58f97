//! Alignment of hidden states: squared error relative to the teacher's squares, over real tokens.

use super::scratch;
use super::sums::fold;
use crate::context::Context;
use crate::error::{KernelError, Result, check_len};
use crate::simd::{Kernel, LANES, Simd};
use crate::threads::Shared;

/// student, teacher, gradient (B·N, H), of which row b has lengths[b] real tokens of N.
/// Gives weight·Σ(s − t)²/Σt², sums in f64, and sets gradient = 2·weight·(s − t)/Σt², 0 at padding.
/// A teacher of zeros alone gives NaN or infinity.
pub fn align_loss(
    context: &Context,
    student: &[f32],
    teacher: &[f32],
    lengths: &[i32],
    batch: usize,
    tokens: usize,
    hidden: usize,
    weight: f64,
    gradient: &mut [f32],
) -> Result<f64> {
    let size = batch
        .checked_mul(tokens)
        .and_then(|rows| rows.checked_mul(hidden));
    let Some(size) = size.filter(|size| *size > 0) else {
        return Err(KernelError::Invalid(format!(
            "{batch} rows of {tokens} tokens of {hidden}; each must be at least 1"
        )));
    };
    check_len("student", student, size)?;
    check_len("teacher", teacher, size)?;
    check_len("gradient", gradient, size)?;
    check_len("lengths", lengths, batch)?;
    if let Some(length) = lengths
        .iter()
        .find(|length| !(0..=tokens as i64).contains(&i64::from(**length)))
    {
        return Err(KernelError::Invalid(format!(
            "a length of {length} in rows of {tokens} tokens"
        )));
    }
    // one piece per token, summed in order
    let is_real = |token: usize| token % tokens < lengths[token / tokens] as usize;
    let of = |token: usize| token * hidden..(token + 1) * hidden;
    let rows = batch * tokens;
    let pieces = rows.div_ceil(TOKENS);
    let tokens_of = |piece: usize| piece * TOKENS..rows.min((piece + 1) * TOKENS);
    let [error, squares] = scratch::with_sums(2 * pieces, |sums| {
        let shared = Shared::new(sums);
        context.pool.each(pieces, |piece| {
            let mut both = [0.0; 2];
            for token in tokens_of(piece).filter(|token| is_real(*token)) {
                let (s, t) = (&student[of(token)], &teacher[of(token)]);
                let row = context.run(Sums { s, t });
                both = [both[0] + row[0], both[1] + row[1]];
            }
            // SAFETY: two values per piece.
            unsafe { shared.part(2 * piece, 2).copy_from_slice(&both) };
        });
        sums.chunks_exact(2)
            .fold([0.0; 2], |[a, b], pair| [a + pair[0], b + pair[1]])
    });
    let scale = (2.0 * weight / squares) as f32;
    let gradient = Shared::new(gradient);
    context.pool.each(pieces, |piece| {
        for token in tokens_of(piece) {
            // SAFETY: one row per token.
            let to = unsafe { gradient.part(token * hidden, hidden) };
            if is_real(token) {
                let (s, t) = (&student[of(token)], &teacher[of(token)]);
                context.run(Difference { s, t, scale, to });
            } else {
                to.fill(0.0);
            }
        }
    });
    Ok(weight * error / squares)
}

/// Tokens of one piece of work.
const TOKENS: usize = 16;

/// Σ(s − t)² and Σt² of one row in f64.
struct Sums<'a> {
    s: &'a [f32],
    t: &'a [f32],
}

impl Kernel for Sums<'_> {
    type Output = [f64; 2];

    #[inline(always)]
    unsafe fn run<S: Simd>(self) -> [f64; 2] {
        let (mut errors, mut squares) = ([0f64; LANES], [0f64; LANES]);
        for (s, t) in self.s.chunks(LANES).zip(self.t.chunks(LANES)) {
            for lane in 0..s.len().min(t.len()) {
                let (s, t) = (f64::from(s[lane]), f64::from(t[lane]));
                errors[lane] += (s - t) * (s - t);
                squares[lane] += t * t;
            }
        }
        [fold(errors), fold(squares)]
    }
}

/// to = (s − t)·scale of one row.
struct Difference<'a> {
    s: &'a [f32],
    t: &'a [f32],
    scale: f32,
    to: &'a mut [f32],
}

impl Kernel for Difference<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        for ((to, s), t) in self.to.iter_mut().zip(self.s).zip(self.t) {
            *to = (s - t) * self.scale;
        }
    }
}
