//! What every kernel is called with: the variant that computes and the threads that it may use.

use crate::error::Result;
use crate::simd::{Kernel, dispatch};
use crate::threads::Pool;
use crate::variant::Variant;

pub struct Context {
    pub variant: Variant,
    pub pool: Pool,
}

impl Context {
    /// `Unsupported` where the CPU lacks what the variant needs.
    pub fn new(variant: Variant, threads: usize) -> Result<Self> {
        Ok(Self {
            variant: Variant::parse(variant.name())?,
            pool: Pool::new(threads)?,
        })
    }

    /// Runs a kernel on this thread with the variant's instructions.
    pub fn run<K: Kernel>(&self, kernel: K) -> K::Output {
        dispatch(self.variant, kernel)
    }
}
