// What this CPU can do at most.
import { translate } from './failure.ts';
import type { NativeKernels } from './binding.ts';

/**
 * Operations per second of all threads at once by the kernels' instructions, of data in the first cache:
 * `f32` multiplications and additions, or `int8` products of bytes summed in i32; each counts as two
 * operations. Takes some 60 ms off the main thread.
 */
export async function measurePeak(
  kernels: NativeKernels,
  arithmetic: 'f32' | 'int8',
): Promise<number> {
  try {
    return await kernels.measurePeak(arithmetic);
  } catch (cause) {
    throw translate(cause);
  }
}
