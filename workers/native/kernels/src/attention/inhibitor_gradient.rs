//! The inhibitor, gradient. With G = ∂loss/∂context (over n with `normalise`) and passes_ijk = |v_jk| > z_ij
//! or z_ij = 0:
//!
//! ```text
//! ∂v_jk = β·Σ_i G_ik·passes          ∂z_ij = −β·Σ_k G_ik·sign(v_jk)·passes, where z_ij > 0
//! ∂α = Σ ∂z                          g_ij = ∂z_ij − mean_j ∂z_ij
//! ∂γ = Σ g_ij·e_ij/√d                ∂β = Σ ∂v·v/β − Σ ∂z·z/β, without the division
//! ∂q_ik = γ/√d·Σ_j g_ij·s(q_ik − k_jk),  ∂k_jk = −γ/√d·Σ_i g_ij·s(q_ik − k_jk)
//! ```
//!
//! s is the sign (sign(0) = 0), or what stands for it ([`QkGradient`]). Distances and scores are computed
//! again, with the same bits as forward.
//!
//! NaN and infinity: a query whose row of context is NaN for its scores makes ∂q of its row and all ∂k and
//! ∂v of the head NaN. A NaN value passes nothing: its own gradient is 0, G at its feature is NaN anyway.

mod key_rows;

use super::Shape;
use super::inhibitor::{Head, Inhibitor, Keys, half_sums, score_rows};
use super::pack::Rows;
use super::scratch::with_arrays;
use super::tiles::{QUERIES, ROWS, load_tile};
use crate::context::Context;
use crate::error::{Result, check_len};
use crate::simd::{Kernel, LANES, Simd};
use crate::threads::Shared;
use key_rows::sum_slopes;

/// What stands for the derivative of |x|.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QkGradient {
    /// −1, 0 or 1: the true one.
    Sign,
    /// x limited to ±1.
    Clamp,
    /// x, as in AdderNet.
    Difference,
}

/// ∂projected (B·N, 3·H), and the gradients of α, β and γ (each of the length of its parameter, summed
/// over the batch in order), of ∂context (B·N, H). `Invalid` where a size does not fit.
pub fn inhibitor_attention_gradient(
    context: &Context,
    shape: Shape,
    inhibitor: &Inhibitor,
    qk_gradient: QkGradient,
    projected: &[f32],
    lengths: &[i32],
    d_context: &[f32],
    d_projected: &mut [f32],
    [d_alpha, d_beta, d_gamma]: [&mut [f32]; 3],
) -> Result<()> {
    shape.check(projected, lengths)?;
    check_len("d_context", d_context, shape.values(1)?)?;
    check_len("d_projected", d_projected, shape.values(3)?)?;
    inhibitor.check(shape)?;
    check_len("d_alpha", d_alpha, inhibitor.alpha.len())?;
    check_len("d_beta", d_beta, inhibitor.beta.len())?;
    check_len("d_gamma", d_gamma, inhibitor.gamma.len())?;
    let all = shape.rows(projected.as_ptr(), 3);
    let d_context = shape.rows(d_context.as_ptr(), 1);
    let d_all = shape.rows(d_projected.as_mut_ptr(), 3);
    let mut scalars = vec![[0f64; 3]; shape.items()];
    let shared = Shared::new(&mut scalars);
    context.pool.each(shape.items(), |item| {
        let head = inhibitor.head(shape, item, lengths[item / shape.heads] as usize);
        // SAFETY: sizes were checked; each item has rows and scalars of its own.
        let (rows, scalars) = unsafe {
            let ([q, k, v], [dq, dk, dv]) = (shape.parts(all, item), shape.parts(d_all, item));
            dq.clear(head.keys..shape.tokens);
            dk.clear(head.centred..shape.tokens);
            dv.clear(head.keys..shape.tokens);
            let g = shape.head(d_context, item, 0);
            ([q, k, v, g, dq, dk, dv], shared.part(item, 1))
        };
        if head.keys == 0 {
            return;
        }
        let (keys, centred) = (head.keys.div_ceil(LANES), head.centred.div_ceil(LANES));
        let (features, width) = (shape.features, shape.width());
        let tile = QUERIES * centred * LANES;
        let sizes = [
            centred * features * LANES,
            centred * LANES,
            head.centred * width,
            head.centred * width,
            keys * features * LANES,
            keys * features * LANES,
            QUERIES * width,
            QUERIES * width,
            QUERIES * width,
            tile,
            tile,
            tile,
        ];
        with_arrays(sizes, |arrays| {
            scalars[0] = context.run(Gradient {
                head,
                rows,
                qk_gradient,
                arrays,
            });
        });
    });
    for (index, to) in [d_alpha, d_beta, d_gamma].into_iter().enumerate() {
        let shared = to.len() == 1;
        for (head, to) in to.iter_mut().enumerate() {
            let of = |item: &usize| shared || item % shape.heads == head;
            let items = (0..shape.items()).filter(of);
            *to = items.map(|item| scalars[item][index]).sum::<f64>() as f32;
        }
    }
    Ok(())
}

/// `rows` are those of query, key, value, ∂context, ∂query, ∂key and ∂value; `arrays` have the sizes above.
struct Gradient {
    head: Head,
    rows: [Rows; 7],
    qk_gradient: QkGradient,
    arrays: [*mut f32; 12],
}

impl Kernel for Gradient {
    /// ∂α, ∂β, ∂γ
    type Output = [f64; 3];

    #[inline(always)]
    unsafe fn run<S: Simd>(self) -> [f64; 3] {
        let Self { head, .. } = self;
        let [q, k, v, g, dq, dk, dv] = self.rows;
        let [
            keys,
            halves,
            key_rows,
            dk_rows,
            values,
            dv_blocks,
            arrays @ ..,
        ] = self.arrays;
        let [tile, g_tile, dq_tile, distances, scores, weights] = arrays;
        let features = q.features;
        let width = features.next_multiple_of(LANES);
        let blocks = head.centred.div_ceil(LANES);
        let value_blocks = head.keys.div_ceil(LANES);
        let stride = blocks * LANES;
        let mut scalars = [0.0; 3];
        // SAFETY: rows below `keys` (`centred` for k) exist, arrays have room for them.
        unsafe {
            k.load_transposed::<S>(head.centred, keys);
            half_sums::<S>(keys, features, blocks, halves);
            k.load::<S>(0, head.centred, 1.0, key_rows);
            dk_rows.write_bytes(0, head.centred * width);
            head.load_values_transposed::<S>(v, values);
            dv_blocks.write_bytes(0, value_blocks * features * LANES);
            let keys = Keys {
                transposed: keys,
                halves,
                blocks,
            };
            for from in (0..head.keys).step_by(QUERIES) {
                let count = QUERIES.min(head.keys - from);
                load_tile::<S>(q, from, count, 1.0, tile);
                load_tile::<S>(g, from, count, 1.0 / head.divisor, g_tile);
                let rows = count.next_multiple_of(ROWS);
                let faults = score_rows::<S>(&head, keys, count, tile, features, distances, scores);
                for (r, fault) in faults.into_iter().enumerate().take(count) {
                    for at in (0..width).step_by(LANES) {
                        let at = g_tile.add(r * width + at);
                        S::store(at, S::add(S::load(at), S::splat(fault)));
                    }
                }
                for block in 0..value_blocks {
                    let at = block * features * LANES;
                    let (values, dv) = (values.add(at), dv_blocks.add(at));
                    for row in (0..rows).step_by(ROWS) {
                        let at = row * stride + block * LANES;
                        let [scores, weights] = [scores, weights].map(|x| x.add(at));
                        let g = g_tile.add(row * width);
                        value_block::<S>(g, width, values, features, scores, stride, dv, weights);
                    }
                }
                let missing = (rows - count) * stride;
                weights.add(count * stride).write_bytes(0, missing);
                for (r, fault) in faults.into_iter().enumerate().take(count) {
                    let row = [distances, scores, weights].map(|x| x.add(r * stride));
                    let row = center_row::<S>(&head, blocks, fault, row);
                    for (sum, x) in scalars.iter_mut().zip(row) {
                        *sum += x;
                    }
                }
                for row in (0..rows).step_by(ROWS) {
                    let [tile, dq_tile] = [tile, dq_tile].map(|x| x.add(row * width));
                    let weights = weights.add(row * stride);
                    let arrays = [tile, dq_tile, key_rows, dk_rows];
                    let m = head.centred;
                    sum_slopes::<S>(self.qk_gradient, weights, stride, width, m, arrays);
                }
                dq.store::<S>(from, count, 1.0, dq_tile);
            }
            dk.store::<S>(0, head.centred, -1.0, dk_rows);
            for at in 0..value_blocks * features {
                let at = at * LANES;
                let product = S::mul(S::load(values.add(at)), S::load(dv_blocks.add(at)));
                scalars[1] += f64::from(S::sum(product));
            }
            dv.store_transposed::<S>(head.keys, head.beta, dv_blocks);
            for key in (0..head.keys).filter(|key| head.is_dropped(*key)) {
                dv.clear(key..key + 1);
            }
        }
        scalars[2] *= 2.0 / (features as f64).sqrt();
        scalars
    }
}

/// For the sixteen keys of a block: adds G·passes to ∂v (d, 16) and sets weights[r] = Σ_k G·sign(v)·passes.
///
/// The sign of 0 does not matter: it passes where z = 0 alone, and there ∂z is cut off.
#[inline(always)]
unsafe fn value_block<S: Simd>(
    g: *const f32,
    width: usize,
    values: *const f32,
    features: usize,
    scores: *const f32,
    stride: usize,
    dv: *mut f32,
    weights: *mut f32,
) {
    // SAFETY: the caller's sizes.
    unsafe {
        let zero = S::splat(0.0);
        let mut limits = [zero; ROWS];
        for (r, limit) in limits.iter_mut().enumerate() {
            let score = S::load(scores.add(r * stride));
            *limit = S::where_greater(score, zero, score, S::splat(-1.0));
        }
        let mut sums = [zero; ROWS];
        for k in 0..features {
            let value = S::load(values.add(k * LANES));
            let (size, sign) = (S::abs(value), S::copy_sign(S::splat(1.0), value));
            let mut sum = S::load(dv.add(k * LANES));
            for r in 0..ROWS {
                let g = S::splat(*g.add(r * width + k));
                let passed = S::where_greater(size, limits[r], g, zero);
                sum = S::add(sum, passed);
                sums[r] = S::fma(passed, sign, sums[r]);
            }
            S::store(dv.add(k * LANES), sum);
        }
        for (r, sum) in sums.into_iter().enumerate() {
            S::store(weights.add(r * stride), sum);
        }
    }
}

/// Turns a row of −∂z/β into γ/√d·(∂z − mean ∂z); gives the row's Σ ∂z, −Σ ∂z·z/β, and
/// Σ (∂z − mean)·half distance.
#[inline(always)]
unsafe fn center_row<S: Simd>(
    head: &Head,
    blocks: usize,
    fault: f32,
    [distances, scores, weights]: [*mut f32; 3],
) -> [f64; 3] {
    // SAFETY: rows of `blocks`·16.
    unsafe {
        let (zero, beta) = (S::splat(0.0), S::splat(-head.beta));
        let [mut sum, mut product, mut scaled] = [zero; 3];
        for block in 0..blocks {
            let at = block * LANES;
            let count = LANES.min(head.keys.saturating_sub(at));
            let score = S::load_first(scores.add(at), count);
            let unscaled = S::load_first(weights.add(at), count);
            product = S::fma(score, unscaled, product);
            let gradient = S::mul(beta, unscaled);
            let gradient = S::where_greater(score, zero, gradient, S::splat(fault));
            sum = S::add(sum, gradient);
            S::store(weights.add(at), gradient);
        }
        let sum = S::sum(sum);
        let mean = S::splat(sum / head.centred as f32);
        for block in 0..blocks {
            let at = block * LANES;
            let count = LANES.min(head.centred - at);
            let centred = S::sub(S::load(weights.add(at)), mean);
            let distance = S::load_first(distances.add(at), count);
            scaled = S::fma(centred, distance, scaled);
            S::store(weights.add(at), S::mul(centred, S::splat(head.slope)));
        }
        let [product, scaled] = [product, scaled].map(|x| f64::from(S::sum(x)));
        [f64::from(sum), -product, scaled]
    }
}
