//! Heads between the layer's arrays, where their rows are far apart, and dense blocks.
//!
//! Rows are kept in two forms: as rows of whole vectors of features (padded with zeros), and transposed
//! into blocks of sixteen rows, (rows/16, d, 16), whose vectors hold one feature of sixteen rows.

use std::ops::Range;

use crate::simd::{LANES, Simd};

/// One head's rows within an array of a layer.
#[derive(Clone, Copy)]
pub struct Rows {
    pub start: *mut f32,
    /// From row to row.
    pub stride: usize,
    /// d
    pub features: usize,
}

// SAFETY: a pointer and two sizes; who reads and writes what is told by the functions that use them.
unsafe impl Send for Rows {}
// SAFETY: as above.
unsafe impl Sync for Rows {}

impl Rows {
    /// # Safety
    /// The row exists.
    #[inline(always)]
    pub unsafe fn row(self, row: usize) -> *mut f32 {
        // SAFETY: the caller's row.
        unsafe { self.start.add(row * self.stride) }
    }

    /// Copies rows from…from+count to (count, width), times a factor.
    ///
    /// # Safety
    /// The rows exist; `to` has the room.
    #[inline(always)]
    pub unsafe fn load<S: Simd>(self, from: usize, count: usize, factor: f32, to: *mut f32) {
        let width = self.features.next_multiple_of(LANES);
        // SAFETY: the caller's rows and room.
        unsafe {
            let factor = S::splat(factor);
            for row in 0..count {
                let (from, to) = (self.row(from + row), to.add(row * width));
                for at in (0..self.features).step_by(LANES) {
                    let lanes = S::load_some(from.add(at), LANES.min(self.features - at));
                    S::store(to.add(at), S::mul(lanes, factor));
                }
            }
        }
    }

    /// Writes rows from…from+count from (count, width), times a factor.
    ///
    /// # Safety
    /// As [`Rows::load`]; nobody else writes these rows.
    #[inline(always)]
    pub unsafe fn store<S: Simd>(self, from: usize, count: usize, factor: f32, values: *const f32) {
        let width = self.features.next_multiple_of(LANES);
        // SAFETY: the caller's rows.
        unsafe {
            // a sum with 0, so that no −0 is left
            let (factor, zero) = (S::splat(factor), S::splat(0.0));
            for row in 0..count {
                let (to, values) = (self.row(from + row), values.add(row * width));
                for at in (0..self.features).step_by(LANES) {
                    let lanes = S::fma(S::load(values.add(at)), factor, zero);
                    S::store_some(to.add(at), lanes, LANES.min(self.features - at));
                }
            }
        }
    }

    /// Sets rows to 0.
    ///
    /// # Safety
    /// As [`Rows::store`].
    #[inline(always)]
    pub unsafe fn clear(self, rows: Range<usize>) {
        for row in rows {
            // SAFETY: the caller's rows.
            unsafe { self.row(row).write_bytes(0, self.features) };
        }
    }

    /// Rows 0…count transposed into blocks; rows that the last block lacks are 0.
    ///
    /// # Safety
    /// The rows exist; `to` has room for whole blocks.
    #[inline(always)]
    pub unsafe fn load_transposed<S: Simd>(self, count: usize, to: *mut f32) {
        // SAFETY: the caller's rows and room.
        unsafe {
            for first in (0..count).step_by(LANES) {
                let to = to.add(first * self.features);
                for from in (0..self.features).step_by(LANES) {
                    let some = LANES.min(self.features - from);
                    let mut rows = [S::splat(0.0); LANES];
                    for (row, lanes) in rows.iter_mut().enumerate() {
                        if first + row < count {
                            *lanes = S::load_some(self.row(first + row).add(from), some);
                        }
                    }
                    let columns = S::transpose(rows);
                    for (k, column) in columns.into_iter().enumerate() {
                        if k < some {
                            S::store(to.add((from + k) * LANES), column);
                        }
                    }
                }
            }
        }
    }

    /// Writes rows 0…count from transposed blocks, times a factor.
    ///
    /// # Safety
    /// As [`Rows::store`].
    #[inline(always)]
    pub unsafe fn store_transposed<S: Simd>(self, count: usize, factor: f32, from: *const f32) {
        // SAFETY: the caller's rows.
        unsafe {
            let factor = S::splat(factor);
            for first in (0..count).step_by(LANES) {
                let block = from.add(first * self.features);
                for at in (0..self.features).step_by(LANES) {
                    let some = LANES.min(self.features - at);
                    let mut columns = [S::splat(0.0); LANES];
                    for (k, column) in columns.iter_mut().enumerate() {
                        if k < some {
                            *column = S::mul(S::load(block.add((at + k) * LANES)), factor);
                        }
                    }
                    let rows = S::transpose(columns);
                    for (row, lanes) in rows.into_iter().enumerate() {
                        if first + row < count {
                            S::store_some(self.row(first + row).add(at), lanes, some);
                        }
                    }
                }
            }
        }
    }
}
