//! A pool of a given number of threads. Work is cut into items whose results do not depend on who
//! computes them, so the number of threads changes no bit.

use rayon::prelude::*;

use crate::error::{KernelError, Result};

pub struct Pool {
    inner: rayon::ThreadPool,
}

impl Pool {
    /// A pool of `threads` threads. `Invalid` for none or more than 1024.
    pub fn new(threads: usize) -> Result<Self> {
        if !(1..=1024).contains(&threads) {
            return Err(KernelError::Invalid(format!(
                "{threads} threads; 1 to 1024 are possible"
            )));
        }
        let built = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|index| format!("stillwatt-{index}"))
            .build();
        let inner = built.map_err(|error| KernelError::Invalid(format!("no threads: {error}")))?;
        Ok(Self { inner })
    }

    pub fn threads(&self) -> usize {
        self.inner.current_num_threads()
    }

    /// Runs `work` inside the pool; parallel iterators in it use the pool's threads.
    pub fn install<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        self.inner.install(work)
    }

    /// Calls `work` for every index below `count`, in any order.
    pub fn each(&self, count: usize, work: impl Fn(usize) + Sync) {
        if self.threads() == 1 || count == 1 {
            // waking a thread to wait for it takes longer than many a kernel
            return (0..count).for_each(work);
        }
        self.install(|| each(count, &work));
    }
}

/// The same inside a pool.
pub fn each(count: usize, work: &(impl Fn(usize) + Sync)) {
    if rayon::current_num_threads() == 1 || count == 1 {
        (0..count).for_each(work);
    } else {
        (0..count).into_par_iter().with_max_len(1).for_each(work);
    }
}

/// A slice whose disjoint parts several threads write.
#[derive(Clone, Copy)]
pub struct Shared<T> {
    start: *mut T,
    len: usize,
}

// SAFETY: parts are only handed out by `part`, whose callers promise that they do not overlap.
unsafe impl<T: Send> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    pub fn new(slice: &mut [T]) -> Self {
        Self {
            start: slice.as_mut_ptr(),
            len: slice.len(),
        }
    }

    /// The address of a value, to fetch it ahead.
    pub fn place(&self, at: usize) -> *const T {
        self.start.wrapping_add(at)
    }

    /// Where `len` values from `from` on begin; panics outside of the slice.
    pub fn start_of(&self, from: usize, len: usize) -> *mut T {
        assert!(
            from <= self.len && len <= self.len - from,
            "a part outside of its slice"
        );
        self.start.wrapping_add(from)
    }

    /// `len` values from `from` on; panics outside of the slice.
    ///
    /// # Safety
    /// No two living parts overlap, and the slice outlives them.
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn part(&self, from: usize, len: usize) -> &mut [T] {
        // SAFETY: inside the slice; exclusive by the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.start_of(from, len), len) }
    }
}
