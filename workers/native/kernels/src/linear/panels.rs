//! The right side of a product, B (depth, columns), laid out for tiles: panels of 48 columns, each row after
//! row, zeros beyond the last column. Tiles so read it from front to back.

use crate::context::Context;
use crate::simd::{Kernel, LANES, Simd};
use crate::threads::Shared;
use crate::variant::Variant;

/// Vectors in a row of a panel.
pub const LINES: usize = 3;
/// Columns of a panel.
pub const WIDTH: usize = LINES * LANES;

/// A vector on a cache line of its own.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Line(#[allow(dead_code)] [f32; LANES]);

impl Line {
    pub const ZERO: Self = Self([0.0; LANES]);
}

#[derive(Clone, Copy)]
pub struct Panels<'a> {
    /// Of all panels.
    pub lines: &'a [Line],
    pub depth: usize,
    pub columns: usize,
}

/// How B lies in memory.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    /// (depth, columns), row after row.
    Rows(&'a [f32]),
    /// (columns, depth): B is its transpose.
    Columns(&'a [f32]),
}

impl Panels<'_> {
    /// Lines that B takes.
    pub fn lines(depth: usize, columns: usize) -> usize {
        columns.div_ceil(WIDTH) * LINES * depth
    }
}

/// Lays B out in parallel.
pub fn pack(context: &Context, from: Source, to: &mut [Line], depth: usize, columns: usize) {
    let panel_lines = check(from, to, depth, columns);
    let to = Shared::new(to);
    context.pool.each(columns.div_ceil(WIDTH), |panel| {
        // SAFETY: a part for each panel.
        let to = unsafe { to.part(panel * panel_lines, panel_lines) };
        context.run(Panel::new(from, to, depth, columns, panel));
    });
}

/// The same, on this thread and by plain instructions.
pub fn pack_plainly(from: Source, to: &mut [Line], depth: usize, columns: usize) {
    let panel_lines = check(from, to, depth, columns);
    for (panel, to) in to.chunks_exact_mut(panel_lines).enumerate() {
        crate::simd::dispatch(Variant::Scalar, Panel::new(from, to, depth, columns, panel));
    }
}

/// Lines of a panel; panics where sizes do not fit.
fn check(from: Source, to: &[Line], depth: usize, columns: usize) -> usize {
    let (Source::Rows(values) | Source::Columns(values)) = from;
    assert!(values.len() == depth * columns && to.len() == Panels::lines(depth, columns));
    LINES * depth
}

/// One panel, on this thread.
struct Panel<'a> {
    from: Source<'a>,
    to: &'a mut [Line],
    depth: usize,
    columns: usize,
    /// First column, and how many there are.
    first: usize,
    width: usize,
}

impl<'a> Panel<'a> {
    fn new(
        from: Source<'a>,
        to: &'a mut [Line],
        depth: usize,
        columns: usize,
        panel: usize,
    ) -> Self {
        let first = panel * WIDTH;
        let width = WIDTH.min(columns - first);
        Self {
            from,
            to,
            depth,
            columns,
            first,
            width,
        }
    }
}

impl Kernel for Panel<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let to: *mut f32 = self.to.as_mut_ptr().cast();
        // SAFETY: `check` saw that the source holds (depth, columns) and the panel depth lines of 48.
        unsafe {
            for line in 0..LINES {
                let count = self.width.saturating_sub(line * LANES).min(LANES);
                let (to, first) = (to.add(line * LANES), self.first + line * LANES);
                match self.from {
                    Source::Rows(values) => {
                        self.copy::<S>(values.as_ptr().wrapping_add(first), to, count);
                    }
                    Source::Columns(values) => {
                        let from = values.as_ptr().wrapping_add(first * self.depth);
                        self.turn::<S>(from, to, count);
                    }
                }
            }
        }
    }
}

impl Panel<'_> {
    /// `count` columns of every row.
    #[inline(always)]
    unsafe fn copy<S: Simd>(&self, from: *const f32, to: *mut f32, count: usize) {
        for row in 0..self.depth {
            // SAFETY: the caller's; nothing is read where the count is 0.
            unsafe {
                let from = from.wrapping_add(row * self.columns);
                S::store(to.add(row * WIDTH), S::load_some(from, count));
            }
        }
    }

    /// `count` rows of the source become columns.
    #[inline(always)]
    unsafe fn turn<S: Simd>(&self, from: *const f32, to: *mut f32, count: usize) {
        for first in (0..self.depth).step_by(LANES) {
            let height = LANES.min(self.depth - first);
            // SAFETY: the caller's.
            unsafe {
                let mut x = [S::splat(0.0); LANES];
                for (column, x) in x.iter_mut().enumerate().take(count) {
                    *x = S::load_some(from.add(column * self.depth + first), height);
                }
                for (row, x) in S::transpose(x).into_iter().enumerate().take(height) {
                    S::store(to.add((first + row) * WIDTH), x);
                }
            }
        }
    }
}
