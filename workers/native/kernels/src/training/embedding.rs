//! Rows of a table by id, and the gradient of the table. table (V, H), ids (T), y (T, H).

use crate::context::Context;
use crate::error::{KernelError, Result, check_len};
use crate::simd::{Kernel, LANES, Simd};
use crate::threads::Shared;

/// Tokens of one piece of a gather; columns of one piece of a scatter.
const TOKENS: usize = 16;
const COLUMNS: usize = 128;

/// y[t] = table[ids[t]], or y[t] += table[ids[t]]. `Invalid` for an id outside of the table.
pub fn embedding_gather(
    context: &Context,
    table: &[f32],
    ids: &[i32],
    y: &mut [f32],
    tokens: usize,
    hidden: usize,
    accumulate: bool,
) -> Result<()> {
    check(table, ids, tokens, hidden)?;
    check_len("y", y, tokens * hidden)?;
    let shared = Shared::new(y);
    context.pool.each(tokens.div_ceil(TOKENS), |chunk| {
        let first = chunk * TOKENS;
        let ids = &ids[first..tokens.min(first + TOKENS)];
        for (token, id) in (first..).zip(ids) {
            // SAFETY: one row per token.
            let to = unsafe { shared.part(token * hidden, hidden) };
            let row = *id as usize * hidden;
            let from = &table[row..row + hidden];
            if accumulate {
                context.run(AddRow { from, to });
            } else {
                to.copy_from_slice(from);
            }
        }
    });
    Ok(())
}

/// d_table[ids[t]] += dy[t], token after token.
pub fn embedding_scatter_add(
    context: &Context,
    dy: &[f32],
    ids: &[i32],
    d_table: &mut [f32],
    tokens: usize,
    hidden: usize,
) -> Result<()> {
    check(d_table, ids, tokens, hidden)?;
    check_len("dy", dy, tokens * hidden)?;
    let shared = Shared::new(d_table);
    // cut by columns, so that each sum stays in the order of tokens
    context.pool.each(hidden.div_ceil(COLUMNS), |chunk| {
        let column = chunk * COLUMNS;
        let columns = COLUMNS.min(hidden - column);
        for (token, id) in ids.iter().enumerate() {
            let from = token * hidden + column;
            // SAFETY: pieces have their own columns.
            let to = unsafe { shared.part(*id as usize * hidden + column, columns) };
            context.run(AddRow {
                from: &dy[from..from + columns],
                to,
            });
        }
    });
    Ok(())
}

fn check(table: &[f32], ids: &[i32], tokens: usize, hidden: usize) -> Result<()> {
    if tokens == 0 || hidden == 0 || table.is_empty() || !table.len().is_multiple_of(hidden) {
        let values = table.len();
        return Err(KernelError::Invalid(format!(
            "{tokens} tokens, rows of {hidden}, a table of {values} values; it must be whole rows"
        )));
    }
    check_len("ids", ids, tokens)?;
    let rows = table.len() / hidden;
    match ids
        .iter()
        .position(|id| !(0..rows as i64).contains(&i64::from(*id)))
    {
        None => Ok(()),
        Some(at) => Err(KernelError::Invalid(format!(
            "id {} at {at} is outside of a table of {rows} rows",
            ids[at]
        ))),
    }
}

/// to += from, of equal lengths.
struct AddRow<'a> {
    from: &'a [f32],
    to: &'a mut [f32],
}

impl Kernel for AddRow<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let len = self.to.len().min(self.from.len());
        for at in (0..len).step_by(LANES) {
            let count = LANES.min(len - at);
            // SAFETY: `count` values from `at` on are inside of both.
            unsafe {
                let (from, to) = (self.from.as_ptr().add(at), self.to.as_mut_ptr().add(at));
                let sum = S::add(S::load_first(to, count), S::load_first(from, count));
                S::store_first(to, sum, count);
            }
        }
    }
}
