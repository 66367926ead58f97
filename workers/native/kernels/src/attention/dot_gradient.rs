//! Scaled dot-product attention, gradient. With G = ∂loss/∂context, p the weights (computed again from the
//! logarithms of their sums) and δ_i = Σ_k G_ik·context_ik:
//!
//! ```text
//! ∂v_jk = Σ_i p_ij·G_ik       s_ij = p_ij·(Σ_k G_ik·v_jk − δ_i)
//! ∂q_ik = Σ_j s_ij·k_jk/√d    ∂k_jk = Σ_i s_ij·q_ik/√d
//! ```
//!
//! NaN and infinity go through as IEEE arithmetic takes them.

use super::Shape;
use super::dot::{Product, scale};
use super::pack::Rows;
use super::scratch::with_arrays;
use super::tiles::{QUERIES, ROWS, load_tile, pair_rows};
use crate::context::Context;
use crate::error::{Result, check_len};
use crate::simd::{Kernel, LANES, Simd, math};

/// ∂projected (B·N, 3·H) of ∂context (B·N, H), with what forward gave: the context, and the logarithms
/// of sums (B, h, N). `Invalid` where a size does not fit.
pub fn dot_attention_gradient(
    context: &Context,
    shape: Shape,
    projected: &[f32],
    lengths: &[i32],
    output: &[f32],
    log_sums: &[f32],
    d_context: &[f32],
    d_projected: &mut [f32],
) -> Result<()> {
    shape.check(projected, lengths)?;
    check_len("context", output, shape.values(1)?)?;
    check_len("log_sums", log_sums, shape.items() * shape.tokens)?;
    check_len("d_context", d_context, shape.values(1)?)?;
    check_len("d_projected", d_projected, shape.values(3)?)?;
    let all = shape.rows(projected.as_ptr(), 3);
    let output = shape.rows(output.as_ptr(), 1);
    let d_context = shape.rows(d_context.as_ptr(), 1);
    let d_all = shape.rows(d_projected.as_mut_ptr(), 3);
    context.pool.each(shape.items(), |item| {
        let keys = lengths[item / shape.heads] as usize;
        // SAFETY: sizes were checked; each item has rows of its own.
        let rows = unsafe {
            let ([q, k, v], [dq, dk, dv]) = (shape.parts(all, item), shape.parts(d_all, item));
            for rows in [dq, dk, dv] {
                rows.clear(keys..shape.tokens);
            }
            let (context, g) = (shape.head(output, item, 0), shape.head(d_context, item, 0));
            [q, k, v, context, g, dq, dk, dv]
        };
        if keys == 0 {
            return;
        }
        let (features, width) = (shape.features, shape.width());
        let padded = keys.next_multiple_of(LANES);
        let sizes = [
            padded * features,
            padded * features,
            keys * width,
            keys * width,
            keys * width,
            QUERIES * width,
            QUERIES * width,
            QUERIES * width,
            QUERIES * padded,
            QUERIES * padded,
        ];
        with_arrays(sizes, |arrays| {
            context.run(Gradient {
                log_sums: &log_sums[item * shape.tokens..][..keys],
                rows,
                arrays,
            });
        });
    });
    Ok(())
}

/// `rows` are those of query, key, value, context, ∂context, ∂query, ∂key and ∂value, `arrays` have the
/// sizes above.
struct Gradient<'a> {
    log_sums: &'a [f32],
    rows: [Rows; 8],
    arrays: [*mut f32; 10],
}

impl Kernel for Gradient<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let [q, k, v, context, g, dq, dk, dv] = self.rows;
        let [keys, values, key_rows, dk_rows, dv_rows, arrays @ ..] = self.arrays;
        let [tile, g_tile, dq_tile, weights, slopes] = arrays;
        let count = self.log_sums.len();
        let (blocks, features) = (count.div_ceil(LANES), q.features);
        let (stride, width) = (blocks * LANES, features.next_multiple_of(LANES));
        let scale = scale(features);
        // SAFETY: rows below `count` exist, arrays have room for them.
        unsafe {
            k.load_transposed::<S>(count, keys);
            v.load_transposed::<S>(count, values);
            k.load::<S>(0, count, 1.0, key_rows);
            dk_rows.write_bytes(0, count * width);
            dv_rows.write_bytes(0, count * width);
            for from in (0..count).step_by(QUERIES) {
                let some = QUERIES.min(count - from);
                let rows = some.next_multiple_of(ROWS);
                load_tile::<S>(context, from, some, 1.0, dq_tile);
                load_tile::<S>(g, from, some, 1.0, g_tile);
                let mut deltas = [0.0; QUERIES];
                for (r, delta) in deltas.iter_mut().enumerate().take(some) {
                    let mut sum = S::splat(0.0);
                    for at in (r * width..(r + 1) * width).step_by(LANES) {
                        sum = S::fma(S::load(dq_tile.add(at)), S::load(g_tile.add(at)), sum);
                    }
                    *delta = S::sum(sum);
                }
                load_tile::<S>(q, from, some, scale, tile);
                pair_rows::<S, Product>(rows, tile, width, keys, features, blocks, weights, stride);
                pair_rows::<S, Product>(
                    rows, g_tile, width, values, features, blocks, slopes, stride,
                );
                for array in [weights, slopes] {
                    let missing = (rows - some) * stride;
                    array.add(some * stride).write_bytes(0, missing);
                }
                for (r, delta) in deltas.into_iter().enumerate().take(some) {
                    let log_sum = self.log_sums[from + r];
                    for block in 0..blocks {
                        let at = r * stride + block * LANES;
                        let score = S::load(weights.add(at));
                        let weight = math::exp::<S>(S::sub(score, S::splat(log_sum)));
                        let slope = S::sub(S::load(slopes.add(at)), S::splat(delta));
                        S::store(weights.add(at), weight);
                        S::store(slopes.add(at), S::mul(weight, slope));
                    }
                }
                for row in (0..rows).step_by(ROWS) {
                    let [tile, g_tile, dq_tile] =
                        [tile, g_tile, dq_tile].map(|x| x.add(row * width));
                    let [weights, slopes] = [weights, slopes].map(|x| x.add(row * stride));
                    for at in (0..width).step_by(LANES) {
                        let arrays = [tile, g_tile, dq_tile, key_rows, dk_rows, dv_rows];
                        let arrays = arrays.map(|array| array.add(at));
                        key_vectors::<S>(weights, slopes, stride, width, count, arrays);
                    }
                }
                dq.store::<S>(from, some, scale, dq_tile);
            }
            dk.store::<S>(0, count, 1.0, dk_rows);
            dv.store::<S>(0, count, 1.0, dv_rows);
        }
    }
}

/// Of a tile, for sixteen features: ∂q = Σ_j slope·k; ∂k += Σ_i slope·q; ∂v += Σ_i weight·G. `arrays`: query,
/// G and ∂query tile, key, ∂key and ∂value rows.
#[inline(always)]
unsafe fn key_vectors<S: Simd>(
    weights: *const f32,
    slopes: *const f32,
    stride: usize,
    width: usize,
    keys: usize,
    [queries, g, dq, key_rows, dk_rows, dv_rows]: [*mut f32; 6],
) {
    // SAFETY: the caller's sizes.
    unsafe {
        let [mut query, mut g_row, mut sums] = [[S::splat(0.0); ROWS]; 3];
        for r in 0..ROWS {
            query[r] = S::load(queries.add(r * width));
            g_row[r] = S::load(g.add(r * width));
        }
        for j in 0..keys {
            let key = S::load(key_rows.add(j * width));
            let mut dk = S::load(dk_rows.add(j * width));
            let mut dv = S::load(dv_rows.add(j * width));
            for r in 0..ROWS {
                let slope = S::splat(*slopes.add(r * stride + j));
                sums[r] = S::fma(slope, key, sums[r]);
                dk = S::fma(slope, query[r], dk);
                dv = S::fma(S::splat(*weights.add(r * stride + j)), g_row[r], dv);
            }
            S::store(dk_rows.add(j * width), dk);
            S::store(dv_rows.add(j * width), dv);
        }
        for (r, sum) in sums.into_iter().enumerate() {
            S::store(dq.add(r * width), sum);
        }
    }
}
