//! A head between packing and its context: what is computed for every pair of tokens.

use super::attend::Attend;
use super::dot::Dot;
use super::head::{Head, HeadScratch, check_rows, padded};
use super::inhibitor::Inhibitor;
use crate::context::Context;
use crate::error::Result;

/// A head whose queries, keys and values are bytes, in the order in which the cores read them. It keeps
/// the scratch that they lie in.
pub struct PackedHead<'a> {
    core: Core,
    scratch: &'a mut HeadScratch,
    d: usize,
    keys: usize,
    valid: usize,
    saturated: u64,
}

#[derive(Clone, Copy)]
pub(super) enum Core {
    Dot(Dot),
    Inhibitor(Inhibitor),
}

impl<'a> PackedHead<'a> {
    /// `scratch` holds all of `head`.
    pub(super) fn new(
        core: Core,
        scratch: &'a mut HeadScratch,
        head: &Head<'_>,
        keys: usize,
        saturated: u64,
    ) -> Self {
        Self {
            core,
            scratch,
            d: head.d,
            keys,
            valid: head.valid,
            saturated,
        }
    }

    /// The context of the valid rows; others of `out` stay as they are. Returns how many values saturated
    /// when they were packed.
    pub fn attend(&mut self, context: &Context, out: &mut [f32], out_stride: usize) -> Result<u64> {
        self.attend_first(context, self.valid, out, out_stride)
    }

    /// The same for the first `queries` rows alone, to the same bits; at most the valid ones.
    pub fn attend_first(
        &mut self,
        context: &Context,
        queries: usize,
        out: &mut [f32],
        out_stride: usize,
    ) -> Result<u64> {
        let queries = queries.min(self.valid);
        if queries > 0 {
            check_rows("out", out.len(), out_stride, self.d, queries)?;
            match self.core {
                Core::Dot(rule) => context.run(self.with(rule, queries, out, out_stride)),
                Core::Inhibitor(rule) => context.run(self.with(rule, queries, out, out_stride)),
            }
        }
        Ok(self.saturated)
    }

    fn with<'b, R>(
        &'b mut self,
        rule: R,
        queries: usize,
        out: &'b mut [f32],
        out_stride: usize,
    ) -> Attend<'b, R> {
        Attend {
            rule,
            scratch: self.scratch,
            wide: padded(self.d),
            keys: self.keys,
            valid: self.valid,
            queries,
            out,
            out_stride,
            d: self.d,
        }
    }
}
