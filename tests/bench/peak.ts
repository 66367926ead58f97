// What the machine can do at most: GFLOP/s of f32 and GOP/s of u8×i8, by kernels of ours.
import { isStillwattError } from '@stillwatt/contracts';
import { createKernels, measurePeak as measureOnce } from '@stillwatt/native';

export interface Peak {
  readonly f32: number | null;
  readonly int8: number | null;
  /** Why something is null. */
  readonly reason: string | null;
}

/** The best of these counts: what disturbs makes it lower only. */
const tries = 5;

/** Of so many threads, by the fastest instructions of this CPU, whatever variant is measured. */
export async function measurePeak(threads: number): Promise<Peak> {
  try {
    const kernels = createKernels({ threads });
    const best = { f32: 0, int8: 0 };
    for (let turn = 0; turn < tries; turn++) {
      for (const arithmetic of ['f32', 'int8'] as const) {
        const rate = (await measureOnce(kernels, arithmetic)) / 1e9;
        best[arithmetic] = Math.max(best[arithmetic], rate);
      }
    }
    return { ...best, reason: null };
  } catch (error) {
    if (!isStillwattError(error)) throw error;
    return { f32: null, int8: null, reason: error.message };
  }
}
