// What the machine can do at most: GFLOP/s of f32 and GOP/s of u8×i8, by kernels of ours.

export interface Peak {
  readonly f32: number | null;
  readonly int8: number | null;
  /** Why something is null. */
  readonly reason: string | null;
}

/** Of so many threads. */
export function measurePeak(_threads: number): Peak {
  // The native kernels bring a loop that does nothing but multiply and add: it goes here.
  return { f32: null, int8: null, reason: 'no kernel measures the peak yet' };
}
