//! Gradients of queries and keys: sums over keys, and over the queries of a tile, of weighted slopes.

use super::QkGradient;
use crate::attention::tiles::{ROWS, load_rows, store_rows};
use crate::simd::{LANES, Simd};

/// What stands for the sign of a difference.
trait Slope {
    unsafe fn of<S: Simd>(x: S::F) -> S::F;
}

struct Sign;
struct Clamp;
struct Difference;

impl Slope for Sign {
    #[inline(always)]
    unsafe fn of<S: Simd>(x: S::F) -> S::F {
        // SAFETY: the caller's features.
        unsafe { S::sign(x) }
    }
}

impl Slope for Clamp {
    #[inline(always)]
    unsafe fn of<S: Simd>(x: S::F) -> S::F {
        // SAFETY: the caller's features.
        unsafe { S::clamp_magnitude(x, S::splat(1.0)) }
    }
}

impl Slope for Difference {
    #[inline(always)]
    unsafe fn of<S: Simd>(x: S::F) -> S::F {
        x
    }
}

/// Of [`ROWS`] queries: ∂q = Σ_j weight·s(q − k), and −∂k += Σ_i of the same. `arrays`: query and ∂query
/// tile, key and −∂key rows.
///
/// # Safety
/// As [`Simd`]; rows of `weights` are `stride` apart and have `keys` values, all others have `width`.
#[inline(always)]
pub unsafe fn sum_slopes<S: Simd>(
    qk_gradient: QkGradient,
    weights: *const f32,
    stride: usize,
    width: usize,
    keys: usize,
    arrays: [*mut f32; 4],
) {
    // SAFETY: the caller's sizes.
    unsafe {
        match qk_gradient {
            QkGradient::Sign => sloped::<S, Sign>(weights, stride, width, keys, arrays),
            QkGradient::Clamp => sloped::<S, Clamp>(weights, stride, width, keys, arrays),
            QkGradient::Difference => {
                sloped::<S, Difference>(weights, stride, width, keys, arrays);
            }
        }
    }
}

#[inline(always)]
unsafe fn sloped<S: Simd, D: Slope>(
    weights: *const f32,
    stride: usize,
    width: usize,
    keys: usize,
    arrays: [*mut f32; 4],
) {
    // SAFETY: features are below `width`.
    unsafe {
        let mut at = 0;
        while at < width {
            let arrays = arrays.map(|array| array.add(at));
            if S::REGISTERS >= 32 && at + 2 * LANES <= width {
                key_vectors::<S, D, 2>(weights, stride, width, keys, arrays);
                at += 2 * LANES;
            } else {
                key_vectors::<S, D, 1>(weights, stride, width, keys, arrays);
                at += LANES;
            }
        }
    }
}

#[inline(always)]
unsafe fn key_vectors<S: Simd, D: Slope, const VECTORS: usize>(
    weights: *const f32,
    stride: usize,
    width: usize,
    keys: usize,
    [queries, dq, key_rows, dk_rows]: [*mut f32; 4],
) {
    // SAFETY: the caller's sizes.
    unsafe {
        let zero = S::splat(0.0);
        let query = load_rows::<S, VECTORS>(queries, width);
        let mut sums = [[zero; VECTORS]; ROWS];
        for j in 0..keys {
            let mut weight = [zero; ROWS];
            for (r, weight) in weight.iter_mut().enumerate() {
                *weight = S::splat(*weights.add(r * stride + j));
            }
            for c in 0..VECTORS {
                let at = j * width + c * LANES;
                let key = S::load(key_rows.add(at));
                let mut dk = S::load(dk_rows.add(at));
                for r in 0..ROWS {
                    let slope = D::of::<S>(S::sub(query[r][c], key));
                    sums[r][c] = S::fma(weight[r], slope, sums[r][c]);
                    dk = S::fma(weight[r], slope, dk);
                }
                S::store(dk_rows.add(at), dk);
            }
        }
        store_rows::<S, VECTORS>(sums, dq, width);
    }
}
