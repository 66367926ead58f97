//! A transposed copy. The library would read a transposed view itself, but value by value, once for each
//! block of columns of the result; copied first, the weight gradient takes 6 to 20 % less time.

use crate::context::Context;
use crate::threads::Shared;

/// Side of a tile: a cache line of values. Lines are read and written whole, since lines that lie a power
/// of two apart drive each other out of the cache.
const SIDE: usize = 16;

/// to (C, R) = x (R, C)ᵀ; lengths fit.
pub fn transpose(context: &Context, x: &[f32], to: &mut [f32], rows: usize, columns: usize) {
    assert!(x.len() == rows * columns && to.len() == x.len());
    let to = Shared::new(to);
    context.pool.each(columns.div_ceil(SIDE), |piece| {
        let first = piece * SIDE;
        let width = SIDE.min(columns - first);
        // SAFETY: pieces have their own rows of the result.
        let to = unsafe { to.part(first * rows, width * rows) };
        let mut tile = [[0f32; SIDE]; SIDE];
        for from in (0..rows).step_by(SIDE) {
            let height = SIDE.min(rows - from);
            for row in 0..height {
                let start = (from + row) * columns + first;
                let line = &x[start..start + width];
                for (column, value) in tile.iter_mut().zip(line) {
                    column[row] = *value;
                }
            }
            for (column, line) in tile.iter().zip(to.chunks_exact_mut(rows)) {
                line[from..from + height].copy_from_slice(&column[..height]);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::transpose;
    use crate::training::testing::{contexts, random, same_bits};

    #[test]
    fn rows_become_columns() {
        for (rows, columns) in [(1, 1), (1, 40), (40, 1), (64, 16), (131, 33), (200, 100)] {
            let x = random(rows * columns, 1);
            let expected: Vec<f32> = (0..x.len())
                .map(|at| x[at % rows * columns + at / rows])
                .collect();
            for context in contexts() {
                let mut to = vec![0.0; x.len()];
                transpose(&context, &x, &mut to, rows, columns);
                same_bits(&to, &expected);
            }
        }
    }
}
