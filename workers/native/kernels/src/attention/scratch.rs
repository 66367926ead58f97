//! Memory of a thread that lives from call to call, cut into aligned parts.

use std::cell::Cell;

use crate::simd::LANES;

#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line {
    _floats: [f32; LANES],
}

thread_local! {
    static LINES: Cell<Vec<Line>> = const { Cell::new(Vec::new()) };
}

/// Calls `work` with arrays of these lengths: each starts at a multiple of 64 bytes, is rounded up to
/// whole vectors and holds anything. Allocates only where the thread has never had as much.
pub fn with_arrays<const N: usize>(lengths: [usize; N], work: impl FnOnce([*mut f32; N])) {
    let lines = lengths.map(|length| length.div_ceil(LANES));
    let mut all = LINES.take();
    let total = lines.iter().sum();
    if all.len() < total {
        all.resize(
            total,
            Line {
                _floats: [0.0; LANES],
            },
        );
    }
    let mut rest = &mut all[..total];
    work(lines.map(|count| {
        let (part, after) = std::mem::take(&mut rest).split_at_mut(count);
        rest = after;
        part.as_mut_ptr().cast::<f32>()
    }));
    LINES.set(all);
}
