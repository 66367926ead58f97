// Kernels of one variant with their threads.
import { StillwattError } from '@stillwatt/contracts';
import type { NativeKernels, VariantState } from './binding.ts';
import { explain } from './failure.ts';
import { loadBinding } from './load.ts';

export interface KernelOptions {
  /** Default: the fastest that this CPU has. */
  readonly variant?: string | undefined;
  readonly threads: number;
}

/**
 * Kernels that compute with the instructions of a variant. INPUT_INVALID for an unknown variant,
 * PREREQUISITE_MISSING naming the feature that the CPU lacks.
 */
export function createKernels({ variant, threads }: KernelOptions): NativeKernels {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new StillwattError('INPUT_INVALID', `${threads} threads`, { fix: 'Give at least one.' });
  }
  const { NativeKernels } = loadBinding();
  return explain(() => new NativeKernels(variant ?? null, threads));
}

/** All variants, fastest first, with what this CPU lacks for each. */
export function listVariants(): readonly VariantState[] {
  return loadBinding().variants();
}
