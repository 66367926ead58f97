//! The two loops that attention spends its time in, over tiles of [`QUERIES`] rows: sums over features
//! for each pair of query and key, and sums over keys for each query and feature.
//!
//! How many blocks share a load depends on the variant's registers and changes no result: every sum runs
//! over features, or keys, in order.

use super::pack::Rows;
use crate::simd::{LANES, Simd};
use crate::variant::Variant;

/// Queries of a tile, which share each pass over keys and values.
pub const QUERIES: usize = 16;

/// Queries that share each load: a tile may have any multiple of them.
pub const ROWS: usize = 4;

/// Rows of values that are passed over by a whole tile while they are in the first cache.
const KEYS: usize = 64;

/// A term of the sum over features.
pub trait Pair {
    /// `one` is 1.
    ///
    /// # Safety
    /// As [`Simd`].
    unsafe fn add<S: Simd>(sum: S::F, key: S::F, query: S::F, one: S::F) -> S::F;
}

/// A term of the sum over keys.
pub trait Mix {
    /// `one` is 1.
    ///
    /// # Safety
    /// As [`Simd`].
    unsafe fn add<S: Simd>(sum: S::F, value: S::F, weight: S::F, one: S::F) -> S::F;
}

/// 1, unknown to the compiler: see [`add`].
#[inline(always)]
unsafe fn hidden_one<S: Simd>() -> S::F {
    // SAFETY: the caller's features.
    unsafe { S::splat(std::hint::black_box(1.0)) }
}

/// sum + x, as a product with 1 where CPUs have units for products that are idle while those for
/// additions are busy with maxima and minima: the same bits.
///
/// # Safety
/// As [`Simd`].
#[inline(always)]
pub unsafe fn add<S: Simd>(sum: S::F, x: S::F, one: S::F) -> S::F {
    // SAFETY: the caller's features.
    unsafe {
        match S::VARIANT {
            Variant::Scalar => S::add(sum, x),
            _ => S::fma(x, one, sum),
        }
    }
}

/// Rows from…from+count times a factor, then rows of 0 up to a multiple of [`ROWS`].
///
/// # Safety
/// As [`Rows::load`].
#[inline(always)]
pub unsafe fn load_tile<S: Simd>(rows: Rows, from: usize, count: usize, factor: f32, to: *mut f32) {
    let width = rows.features.next_multiple_of(LANES);
    let missing = count.next_multiple_of(ROWS) - count;
    // SAFETY: the caller's rows; `to` is a tile.
    unsafe {
        rows.load::<S>(from, count, factor, to);
        to.add(count * width).write_bytes(0, missing * width);
    }
}

/// Vectors of [`ROWS`] rows that are `stride` apart.
///
/// # Safety
/// As [`Simd`]; the rows have as many values.
#[inline(always)]
pub unsafe fn load_rows<S: Simd, const VECTORS: usize>(
    from: *const f32,
    stride: usize,
) -> [[S::F; VECTORS]; ROWS] {
    // SAFETY: the caller's rows.
    unsafe {
        let mut rows = [[S::splat(0.0); VECTORS]; ROWS];
        for (r, row) in rows.iter_mut().enumerate() {
            for (c, vector) in row.iter_mut().enumerate() {
                *vector = S::load(from.add(r * stride + c * LANES));
            }
        }
        rows
    }
}

/// # Safety
/// As [`load_rows`].
#[inline(always)]
pub unsafe fn store_rows<S: Simd, const VECTORS: usize>(
    rows: [[S::F; VECTORS]; ROWS],
    to: *mut f32,
    stride: usize,
) {
    // SAFETY: the caller's rows.
    unsafe {
        for (r, row) in rows.into_iter().enumerate() {
            for (c, vector) in row.into_iter().enumerate() {
                S::store(to.add(r * stride + c * LANES), vector);
            }
        }
    }
}

/// to[r][j] = Σ_k term(key j, query r) for a multiple of [`ROWS`] rows and the keys of `blocks` transposed
/// blocks; rows of `to` are `stride` apart, those of `queries` `width`.
///
/// # Safety
/// As [`Simd`]; arrays have these sizes.
#[inline(always)]
pub unsafe fn pair_rows<S: Simd, P: Pair>(
    rows: usize,
    queries: *const f32,
    width: usize,
    keys: *const f32,
    features: usize,
    blocks: usize,
    to: *mut f32,
    stride: usize,
) {
    // SAFETY: blocks are below `blocks`, rows below `rows`.
    unsafe {
        let mut block = 0;
        while block < blocks {
            let keys = keys.add(block * features * LANES);
            let some = match blocks - block {
                4.. if S::REGISTERS >= 32 => 4,
                2.. if S::REGISTERS >= 32 => 2,
                _ => 1,
            };
            for row in (0..rows).step_by(ROWS) {
                let queries = queries.add(row * width);
                let to = to.add(row * stride + block * LANES);
                match some {
                    4 => pair_blocks::<S, P, 4>(queries, width, keys, features, to, stride),
                    2 => pair_blocks::<S, P, 2>(queries, width, keys, features, to, stride),
                    _ => pair_blocks::<S, P, 1>(queries, width, keys, features, to, stride),
                }
            }
            block += some;
        }
    }
}

#[inline(always)]
unsafe fn pair_blocks<S: Simd, P: Pair, const BLOCKS: usize>(
    queries: *const f32,
    width: usize,
    keys: *const f32,
    features: usize,
    to: *mut f32,
    stride: usize,
) {
    // SAFETY: the caller's sizes.
    unsafe {
        let one = hidden_one::<S>();
        let mut sums = [[S::splat(0.0); BLOCKS]; ROWS];
        for k in 0..features {
            let mut key = [S::splat(0.0); BLOCKS];
            for (c, key) in key.iter_mut().enumerate() {
                *key = S::load(keys.add((c * features + k) * LANES));
            }
            for (r, sums) in sums.iter_mut().enumerate() {
                let query = S::splat(*queries.add(r * width + k));
                for (sum, key) in sums.iter_mut().zip(key) {
                    *sum = P::add::<S>(*sum, key, query, one);
                }
            }
        }
        store_rows::<S, BLOCKS>(sums, to, stride);
    }
}

/// sums[r][…] += Σ_j term(value row j, weights[r][j]) for a multiple of [`ROWS`] rows and `keys` rows of
/// `width` features; rows of `weights` are `stride` apart, those of `sums` `width`.
///
/// # Safety
/// As [`Simd`]; arrays have these sizes.
#[inline(always)]
pub unsafe fn mix_rows<S: Simd, M: Mix>(
    rows: usize,
    weights: *const f32,
    stride: usize,
    values: *const f32,
    width: usize,
    keys: usize,
    sums: *mut f32,
) {
    // SAFETY: features are below `width`, rows and keys below theirs.
    unsafe {
        for first in (0..keys).step_by(KEYS) {
            let keys = KEYS.min(keys - first);
            for row in (0..rows).step_by(ROWS) {
                let weights = weights.add(row * stride + first);
                let mut at = 0;
                while at < width {
                    let values = values.add(first * width + at);
                    let sums = sums.add(row * width + at);
                    at += LANES
                        * match (width - at) / LANES {
                            4.. if S::REGISTERS >= 32 => {
                                mix_vectors::<S, M, 4>(weights, stride, values, width, keys, sums);
                                4
                            }
                            2.. if S::REGISTERS >= 32 => {
                                mix_vectors::<S, M, 2>(weights, stride, values, width, keys, sums);
                                2
                            }
                            _ => {
                                mix_vectors::<S, M, 1>(weights, stride, values, width, keys, sums);
                                1
                            }
                        };
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn mix_vectors<S: Simd, M: Mix, const VECTORS: usize>(
    weights: *const f32,
    stride: usize,
    values: *const f32,
    width: usize,
    keys: usize,
    sums: *mut f32,
) {
    // SAFETY: the caller's sizes.
    unsafe {
        let one = hidden_one::<S>();
        let mut all = load_rows::<S, VECTORS>(sums, width);
        for j in 0..keys {
            let mut value = [S::splat(0.0); VECTORS];
            for (c, value) in value.iter_mut().enumerate() {
                *value = S::load(values.add(j * width + c * LANES));
            }
            for (r, row) in all.iter_mut().enumerate() {
                let weight = S::splat(*weights.add(r * stride + j));
                for (sum, value) in row.iter_mut().zip(value) {
                    *sum = M::add::<S>(*sum, value, weight, one);
                }
            }
        }
        store_rows::<S, VECTORS>(all, sums, width);
    }
}
