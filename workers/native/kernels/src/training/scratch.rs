//! Buffers of the calling thread that keep their memory from call to call.

use std::cell::Cell;

thread_local! {
    static FLOATS: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
    static SUMS: Cell<Vec<f64>> = const { Cell::new(Vec::new()) };
}

/// Calls `work` with `len` values of any content.
pub fn with_floats<R>(len: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
    FLOATS.with(|cell| with(cell, len, work))
}

/// The same in f64.
pub fn with_sums<R>(len: usize, work: impl FnOnce(&mut [f64]) -> R) -> R {
    SUMS.with(|cell| with(cell, len, work))
}

fn with<T: Default + Clone, R>(
    cell: &Cell<Vec<T>>,
    len: usize,
    work: impl FnOnce(&mut [T]) -> R,
) -> R {
    // taken, so that a call within `work` finds an empty one instead of this
    let mut values = cell.take();
    if values.len() < len {
        values.resize(len, T::default());
    }
    let result = work(&mut values[..len]);
    cell.set(values);
    result
}
