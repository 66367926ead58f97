//! Sums over rows and over whole arrays: chunk by chunk, chunks of fixed bounds, added in order.

use super::map::CHUNK;
use super::scratch;
use crate::context::Context;
use crate::error::{KernelError, Result, check_len};
use crate::simd::{Kernel, LANES, Simd};
use crate::threads::Shared;

/// Rows of a chunk; at most 64 chunks where there are more.
pub fn chunk_rows(rows: usize) -> usize {
    rows.div_ceil(64).max(32)
}

/// sums[c] = Σ over rows of x (R, C).
pub fn column_sums(
    context: &Context,
    x: &[f32],
    sums: &mut [f32],
    rows: usize,
    columns: usize,
) -> Result<()> {
    check_len("x", x, rows * columns)?;
    check_len("sums", sums, columns)?;
    let chunk = chunk_rows(rows);
    let chunks = rows.div_ceil(chunk);
    if chunks == 1 {
        context.run(SumRows { x, sums, columns });
        return Ok(());
    }
    scratch::with_floats(chunks * columns, |parts| {
        let shared = Shared::new(parts);
        context.pool.each(chunks, |index| {
            // SAFETY: one part per chunk.
            let sums = unsafe { shared.part(index * columns, columns) };
            let from = index * chunk * columns;
            let until = x.len().min(from + chunk * columns);
            context.run(SumRows {
                x: &x[from..until],
                sums,
                columns,
            });
        });
        add_parts(context, parts, sums);
    });
    Ok(())
}

/// sums[c] = Σ over parts (P, C), in order.
pub fn add_parts(context: &Context, parts: &[f32], sums: &mut [f32]) {
    let columns = sums.len();
    context.run(SumRows {
        x: parts,
        sums,
        columns,
    });
}

/// Column sums of x (R, columns) on this thread.
struct SumRows<'a> {
    x: &'a [f32],
    sums: &'a mut [f32],
    columns: usize,
}

impl Kernel for SumRows<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Self { x, sums, columns } = self;
        assert!(sums.len() == columns && x.len().is_multiple_of(columns));
        let rows = x.len() / columns;
        let to = sums.as_mut_ptr();
        // SAFETY: rows and columns are inside of x, columns of sums.
        unsafe {
            let from = x.as_ptr();
            // strips of 64 columns, a cache line's worth of rows at a time each
            let mut at = 0;
            while at + 4 * LANES <= sums.len() {
                let mut sum = [S::splat(0.0); 4];
                for row in 0..rows {
                    let values = from.add(row * columns + at);
                    for (k, sum) in sum.iter_mut().enumerate() {
                        *sum = S::add(*sum, S::load(values.add(k * LANES)));
                    }
                }
                for (k, sum) in sum.into_iter().enumerate() {
                    S::store(to.add(at + k * LANES), sum);
                }
                at += 4 * LANES;
            }
            while at < sums.len() {
                let count = LANES.min(sums.len() - at);
                let mut sum = S::splat(0.0);
                for row in 0..rows {
                    sum = S::add(sum, S::load_first(from.add(row * columns + at), count));
                }
                S::store_first(to.add(at), sum, count);
                at += LANES;
            }
        }
    }
}

/// √Σ of all squares of all arrays, summed in f64. `Invalid` without arrays.
pub fn global_norm(context: &Context, gradients: &[&[f32]]) -> Result<f64> {
    if gradients.is_empty() {
        return Err(KernelError::Invalid("no gradients".into()));
    }
    let pieces: Vec<&[f32]> = gradients
        .iter()
        .flat_map(|array| array.chunks(CHUNK))
        .collect();
    let total = scratch::with_sums(pieces.len(), |sums| {
        let shared = Shared::new(sums);
        context.pool.each(pieces.len(), |at| {
            let sum = context.run(SquareSum(pieces[at]));
            // SAFETY: one value per piece.
            unsafe { shared.part(at, 1)[0] = sum };
        });
        sums.iter().sum::<f64>()
    });
    Ok(total.sqrt())
}

struct SquareSum<'a>(&'a [f32]);

impl Kernel for SquareSum<'_> {
    type Output = f64;

    #[inline(always)]
    unsafe fn run<S: Simd>(self) -> f64 {
        let mut sums = [0f64; LANES];
        let chunks = self.0.chunks_exact(LANES);
        let rest = chunks.remainder();
        for chunk in chunks {
            for (sum, x) in sums.iter_mut().zip(chunk) {
                *sum += f64::from(*x) * f64::from(*x);
            }
        }
        for (sum, x) in sums.iter_mut().zip(rest) {
            *sum += f64::from(*x) * f64::from(*x);
        }
        fold(sums)
    }
}

/// The tree 8 + 4 + 2 + 1.
#[inline(always)]
pub fn fold(mut x: [f64; LANES]) -> f64 {
    for half in [8, 4, 2, 1] {
        for at in 0..half {
            x[at] += x[at + half];
        }
    }
    x[0]
}
