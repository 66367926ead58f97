//! The gradient: dSum = inverse·(g − mean g − n·mean(g·n)) with g = dy·weight, n = normalised.

use super::check_shape;
use super::forward::total;
use crate::context::Context;
use crate::error::{Result, check_len};
use crate::simd::{Kernel, LANES, Simd};
use crate::threads::Shared;
use crate::training::dropout::{Dropout, check_indexable};
use crate::training::scratch;
use crate::training::sums::{add_parts, chunk_rows};

/// From dy, normalised (T, H) and inverse (T): `d_sum` (T, H), the gradient of s and of the residual;
/// `dx` (T, H), the same through the dropout of x, where wanted; d_weight and d_bias (H).
pub fn layer_norm_gradient(
    context: &Context,
    dy: &[f32],
    normalised: &[f32],
    inverse: &[f32],
    weight: &[f32],
    dropout: Dropout,
    d_sum: &mut [f32],
    dx: Option<&mut [f32]>,
    d_weight: &mut [f32],
    d_bias: &mut [f32],
    tokens: usize,
    hidden: usize,
) -> Result<()> {
    check_shape(tokens, hidden)?;
    let size = tokens * hidden;
    check_indexable(size)?;
    check_len("dy", dy, size)?;
    check_len("normalised", normalised, size)?;
    check_len("inverse", inverse, tokens)?;
    check_len("weight", weight, hidden)?;
    check_len("dSum", d_sum, size)?;
    check_len("dWeight", d_weight, hidden)?;
    check_len("dBias", d_bias, hidden)?;
    if let Some(dx) = &dx {
        check_len("dx", dx, size)?;
    }
    let rows = chunk_rows(tokens);
    let chunks = tokens.div_ceil(rows);
    // one row of each kind per chunk
    scratch::with_floats(2 * chunks * hidden, |parts| {
        let (weights, biases) = parts.split_at_mut(chunks * hidden);
        let parts = [Shared::new(weights), Shared::new(biases)];
        let (d_sums, dx) = (Shared::new(d_sum), dx.map(Shared::new));
        context.pool.each(chunks, |chunk| {
            let first = chunk * rows;
            let rows = rows.min(tokens - first);
            let (from, len) = (first * hidden, rows * hidden);
            // SAFETY: chunks do not overlap.
            let (d_sum, dx, d_weight, d_bias) = unsafe {
                (
                    d_sums.part(from, len),
                    dx.as_ref().map(|all| all.part(from, len)),
                    parts[0].part(chunk * hidden, hidden),
                    parts[1].part(chunk * hidden, hidden),
                )
            };
            d_weight.fill(0.0);
            d_bias.fill(0.0);
            context.run(Rows {
                dy: &dy[from..from + len],
                normalised: &normalised[from..from + len],
                inverse: &inverse[first..first + rows],
                weight,
                dropout,
                from,
                d_sum,
                dx,
                d_weight,
                d_bias,
            });
        });
        add_parts(context, weights, d_weight);
        add_parts(context, biases, d_bias);
    });
    Ok(())
}

/// Some rows; lengths fit. d_weight and d_bias are added to.
struct Rows<'a> {
    dy: &'a [f32],
    normalised: &'a [f32],
    inverse: &'a [f32],
    weight: &'a [f32],
    dropout: Dropout,
    /// Index of the first value in the whole array.
    from: usize,
    d_sum: &'a mut [f32],
    dx: Option<&'a mut [f32]>,
    d_weight: &'a mut [f32],
    d_bias: &'a mut [f32],
}

impl Kernel for Rows<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(mut self) {
        let hidden = self.weight.len();
        for row in 0..self.inverse.len() {
            // SAFETY: the caller's features; rows have `hidden` values.
            unsafe { self.row::<S>(row, hidden) }
        }
    }
}

impl Rows<'_> {
    #[inline(always)]
    unsafe fn row<S: Simd>(&mut self, row: usize, hidden: usize) {
        let start = row * hidden;
        let dy = self.dy[start..start + hidden].as_ptr();
        let normalised = self.normalised[start..start + hidden].as_ptr();
        let weight = self.weight.as_ptr();
        let (d_weight, d_bias) = (self.d_weight.as_mut_ptr(), self.d_bias.as_mut_ptr());
        // SAFETY: all offsets are inside of a row of `hidden`.
        unsafe {
            let mut sums = [S::splat(0.0); 2]; // of g
            let mut products = [S::splat(0.0); 2]; // of g·n
            for at in (0..hidden).step_by(LANES) {
                let count = LANES.min(hidden - at);
                let d = S::load_first(dy.add(at), count);
                let n = S::load_first(normalised.add(at), count);
                let g = S::mul(d, S::load_first(weight.add(at), count));
                let odd = at / LANES % 2;
                sums[odd] = S::add(sums[odd], g);
                products[odd] = S::fma(g, n, products[odd]);
                let w = S::load_first(d_weight.add(at), count);
                S::store_first(d_weight.add(at), S::fma(d, n, w), count);
                let b = S::load_first(d_bias.add(at), count);
                S::store_first(d_bias.add(at), S::add(d, b), count);
            }
            let zero = S::splat(0.0);
            let mean = S::splat(total::<S>([sums[0], sums[1], zero, zero]) / hidden as f32);
            let slope = total::<S>([products[0], products[1], zero, zero]) / hidden as f32;
            let (slope, inverse) = (S::splat(-slope), S::splat(self.inverse[row]));

            let d_sum = self.d_sum[start..start + hidden].as_mut_ptr();
            let dx = self.dx.as_mut();
            let dx = dx.map(|all| all[start..start + hidden].as_mut_ptr());
            for at in (0..hidden).step_by(LANES) {
                let count = LANES.min(hidden - at);
                let d = S::load_first(dy.add(at), count);
                let n = S::load_first(normalised.add(at), count);
                let g = S::mul(d, S::load_first(weight.add(at), count));
                let d = S::mul(inverse, S::fma(n, slope, S::sub(g, mean)));
                S::store_first(d_sum.add(at), d, count);
                if let Some(dx) = dx {
                    let index = (self.from + start + at) as u32;
                    let masked = if self.dropout.is_none() {
                        d
                    } else {
                        S::mul(d, self.dropout.factors::<S>(index))
                    };
                    S::store_first(dx.add(at), masked, count);
                }
            }
        }
    }
}
