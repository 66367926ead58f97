//! y = (s − mean)·inverse·weight + bias with s = residual + dropout(x), row by row.

use super::{ROWS, check_shape};
use crate::context::Context;
use crate::error::{Result, check_len};
use crate::simd::{Kernel, LANES, Simd};
use crate::threads::Shared;
use crate::training::dropout::{Dropout, check_indexable};

/// y (T, H) from x (T, H), residual (T, H) or none; weight, bias (H). Where a gradient is wanted,
/// `normalised` (T, H) gets (s − mean)·inverse and `inverse` (T) gets 1/√(variance + epsilon).
pub fn layer_norm(
    context: &Context,
    x: &[f32],
    residual: Option<&[f32]>,
    dropout: Dropout,
    weight: &[f32],
    bias: &[f32],
    epsilon: f32,
    normalised: Option<&mut [f32]>,
    inverse: Option<&mut [f32]>,
    y: &mut [f32],
    tokens: usize,
    hidden: usize,
) -> Result<()> {
    check_shape(tokens, hidden)?;
    let size = tokens * hidden;
    check_indexable(size)?;
    check_len("x", x, size)?;
    check_len("weight", weight, hidden)?;
    check_len("bias", bias, hidden)?;
    check_len("y", y, size)?;
    if let Some(residual) = residual {
        check_len("residual", residual, size)?;
    }
    if let Some(normalised) = &normalised {
        check_len("normalised", normalised, size)?;
    }
    if let Some(inverse) = &inverse {
        check_len("inverse", inverse, tokens)?;
    }
    let (y, normalised) = (Shared::new(y), normalised.map(Shared::new));
    let inverse = inverse.map(Shared::new);
    context.pool.each(tokens.div_ceil(ROWS), |chunk| {
        let first = chunk * ROWS;
        let rows = ROWS.min(tokens - first);
        let (from, len) = (first * hidden, rows * hidden);
        // SAFETY: chunks do not overlap.
        let (y, normalised, inverse) = unsafe {
            (
                y.part(from, len),
                normalised.as_ref().map(|all| all.part(from, len)),
                inverse.as_ref().map(|all| all.part(first, rows)),
            )
        };
        context.run(Rows {
            x: &x[from..from + len],
            residual: residual.map(|residual| &residual[from..from + len]),
            dropout,
            from,
            weight,
            bias,
            epsilon,
            normalised,
            inverse,
            y,
        });
    });
    Ok(())
}

/// Some rows; lengths fit.
struct Rows<'a> {
    x: &'a [f32],
    residual: Option<&'a [f32]>,
    dropout: Dropout,
    /// Index of the first value in the whole array.
    from: usize,
    weight: &'a [f32],
    bias: &'a [f32],
    epsilon: f32,
    normalised: Option<&'a mut [f32]>,
    inverse: Option<&'a mut [f32]>,
    y: &'a mut [f32],
}

impl Kernel for Rows<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(mut self) {
        let hidden = self.weight.len();
        for row in 0..self.y.len() / hidden {
            // SAFETY: the caller's features.
            let inverse = unsafe { self.row::<S>(row * hidden, hidden) };
            if let Some(inverses) = &mut self.inverse {
                inverses[row] = inverse;
            }
        }
    }
}

impl Rows<'_> {
    /// The row that starts at `start`; gives its inverse deviation.
    #[inline(always)]
    unsafe fn row<S: Simd>(&mut self, start: usize, hidden: usize) -> f32 {
        let whole = hidden / LANES * LANES;
        let rest = hidden - whole;
        let count = hidden as f32;
        let y = self.y[start..start + hidden].as_mut_ptr();
        // SAFETY: all offsets are inside of the row; y holds s until it is normalised.
        unsafe {
            let mut sums = [S::splat(0.0); 4];
            for at in (0..whole).step_by(LANES) {
                let s = self.summed::<S>(start + at, LANES);
                S::store(y.add(at), s);
                let sum = &mut sums[at / LANES % 4];
                *sum = S::add(*sum, s);
            }
            if rest > 0 {
                let s = self.summed::<S>(start + whole, rest);
                S::store_first(y.add(whole), s, rest);
                sums[0] = S::add(sums[0], s);
            }
            let mean = S::splat(total::<S>(sums) / count);

            let mut squares = [S::splat(0.0); 4];
            for at in (0..whole).step_by(LANES) {
                let d = S::sub(S::load(y.add(at)), mean);
                let square = &mut squares[at / LANES % 4];
                *square = S::fma(d, d, *square);
            }
            if rest > 0 {
                let ones = S::load_first([1.0; LANES].as_ptr(), rest);
                let d = S::mul(S::sub(S::load_first(y.add(whole), rest), mean), ones);
                squares[0] = S::fma(d, d, squares[0]);
            }
            let inverse = 1.0 / (total::<S>(squares) / count + self.epsilon).sqrt();

            let scale = S::splat(inverse);
            let (weight, bias) = (self.weight.as_ptr(), self.bias.as_ptr());
            let kept = self.normalised.as_mut();
            let kept = kept.map(|all| all[start..start + hidden].as_mut_ptr());
            for at in (0..whole).step_by(LANES) {
                let n = S::mul(S::sub(S::load(y.add(at)), mean), scale);
                if let Some(kept) = kept {
                    S::store(kept.add(at), n);
                }
                let scaled = S::fma(n, S::load(weight.add(at)), S::load(bias.add(at)));
                S::store(y.add(at), scaled);
            }
            if rest > 0 {
                let n = S::mul(S::sub(S::load_first(y.add(whole), rest), mean), scale);
                if let Some(kept) = kept {
                    S::store_first(kept.add(whole), n, rest);
                }
                let (w, b) = (weight.add(whole), bias.add(whole));
                let scaled = S::fma(n, S::load_first(w, rest), S::load_first(b, rest));
                S::store_first(y.add(whole), scaled, rest);
            }
            inverse
        }
    }

    /// residual + dropout(x), the first `count` lanes from index `at` of these rows; 0 in the others.
    #[inline(always)]
    unsafe fn summed<S: Simd>(&self, at: usize, count: usize) -> S::F {
        // SAFETY: `count` values from `at` on are inside of the rows.
        unsafe {
            let mut s = S::load_first(self.x.as_ptr().add(at), count);
            if !self.dropout.is_none() {
                s = S::mul(s, self.dropout.factors::<S>((self.from + at) as u32));
            }
            match self.residual {
                Some(residual) => S::add(S::load_first(residual.as_ptr().add(at), count), s),
                None => s,
            }
        }
    }
}

/// Sum of all lanes.
#[inline(always)]
pub unsafe fn total<S: Simd>([a, b, c, d]: [S::F; 4]) -> f32 {
    // SAFETY: the caller's features.
    unsafe { S::sum(S::add(S::add(a, b), S::add(c, d))) }
}
