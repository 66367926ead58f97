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
        let whole = self.features / LANES * LANES;
        let width = self.features.next_multiple_of(LANES);
        // SAFETY: the caller's rows and room.
        unsafe {
            let factor = S::splat(factor);
            for row in 0..count {
                let (from, to) = (self.row(from + row), to.add(row * width));
                for at in (0..whole).step_by(LANES) {
                    S::store(to.add(at), S::mul(S::load(from.add(at)), factor));
                }
                if whole < width {
                    let rest = S::load_first(from.add(whole), self.features - whole);
                    S::store(to.add(whole), S::mul(rest, factor));
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
        let whole = self.features / LANES * LANES;
        let width = self.features.next_multiple_of(LANES);
        // SAFETY: the caller's rows.
        unsafe {
            let factor = S::splat(factor);
            for row in 0..count {
                let (to, values) = (self.row(from + row), values.add(row * width));
                for at in (0..whole).step_by(LANES) {
                    S::store(to.add(at), S::mul(S::load(values.add(at)), factor));
                }
                if whole < width {
                    let rest = S::mul(S::load(values.add(whole)), factor);
                    S::store_first(to.add(whole), rest, self.features - whole);
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
        let features = self.features;
        // SAFETY: the caller's rows and room.
        unsafe {
            for block in 0..count.div_ceil(LANES) {
                let to = to.add(block * features * LANES);
                let first = block * LANES;
                let rows = LANES.min(count - first);
                if rows < LANES {
                    to.write_bytes(0, features * LANES);
                }
                for row in 0..rows {
                    let from = self.row(first + row);
                    for k in 0..features {
                        *to.add(k * LANES + row) = *from.add(k);
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
    pub unsafe fn store_transposed(self, count: usize, factor: f32, from: *const f32) {
        // SAFETY: the caller's rows.
        unsafe {
            for row in 0..count {
                let block = from.add(row / LANES * self.features * LANES + row % LANES);
                let to = self.row(row);
                for k in 0..self.features {
                    *to.add(k) = *block.add(k * LANES) * factor;
                }
            }
        }
    }
}
