//! One value from the values at the same place of N arrays, over vectors, in parallel.

use crate::context::Context;
use crate::error::{Result, check_len};
use crate::simd::{Kernel, LANES, Simd};
use crate::threads::Shared;

/// Values of one piece of work: 64 KiB of each array.
pub const CHUNK: usize = 16 * 1024;

pub trait Map<const N: usize>: Copy + Send + Sync {
    /// The results of the lanes of `x`, which start at index `at`. Mark it `#[inline(always)]`.
    ///
    /// # Safety
    /// As [`Simd`].
    unsafe fn apply<S: Simd>(self, at: u32, x: [S::F; N]) -> S::F;
}

/// An array of the same length as the output, or the output itself as it was before.
#[derive(Clone, Copy)]
pub enum Input<'a> {
    Array(&'a str, &'a [f32]),
    Output,
}

impl<'a> Input<'a> {
    /// The output where there is no array.
    pub fn or_output(name: &'a str, array: Option<&'a [f32]>) -> Self {
        array.map_or(Self::Output, |array| Self::Array(name, array))
    }
}

/// output[i] = map(i, inputs[0][i], …). `Invalid` where lengths differ.
pub fn map<const N: usize, M: Map<N>>(
    context: &Context,
    map: M,
    inputs: [Input; N],
    output: &mut [f32],
) -> Result<()> {
    for input in inputs {
        if let Input::Array(name, array) = input {
            check_len(name, array, output.len())?;
        }
    }
    let (len, shared) = (output.len(), Shared::new(output));
    context.pool.each(len.div_ceil(CHUNK), |chunk| {
        let from = chunk * CHUNK;
        let len = CHUNK.min(len - from);
        // SAFETY: chunks do not overlap; `shared` lives until all are done.
        let output = unsafe { shared.part(from, len) };
        let inputs = inputs.map(|input| match input {
            Input::Array(_, array) => array[from..from + len].as_ptr(),
            Input::Output => output.as_ptr(),
        });
        context.run(Chunk {
            map,
            inputs,
            output: output.as_mut_ptr(),
            from,
            len,
        });
    });
    Ok(())
}

/// Inputs and output are valid for `len` values; an input is apart from the output or equal to it.
struct Chunk<M, const N: usize> {
    map: M,
    inputs: [*const f32; N],
    output: *mut f32,
    from: usize,
    len: usize,
}

impl<M: Map<N>, const N: usize> Kernel for Chunk<M, N> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let whole = self.len / LANES * LANES;
        // SAFETY: offsets are below `len`; each lane is read before it is written.
        unsafe {
            for at in (0..whole).step_by(LANES) {
                let mut x = [S::splat(0.0); N];
                for (lanes, input) in x.iter_mut().zip(self.inputs) {
                    *lanes = S::load(input.add(at));
                }
                let y = self.map.apply::<S>((self.from + at) as u32, x);
                S::store(self.output.add(at), y);
            }
            let rest = self.len - whole;
            if rest > 0 {
                let mut x = [S::splat(0.0); N];
                for (lanes, input) in x.iter_mut().zip(self.inputs) {
                    *lanes = S::load_first(input.add(whole), rest);
                }
                let y = self.map.apply::<S>((self.from + whole) as u32, x);
                S::store_first(self.output.add(whole), y, rest);
            }
        }
    }
}
