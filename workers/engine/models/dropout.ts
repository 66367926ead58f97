// Dropout of one pass: a mask per site, as a function of (seed, step, site): the same after a resume.
import type { Backend } from '../backends/backend.ts';
import type { Mask } from '../backends/tensor.ts';

/** Gives the mask of one site, or null where nothing is dropped. */
export type Dropout = (site: number, shape: readonly number[]) => Mask | null;

export const noDropout: Dropout = () => null;

/** The rate is rounded to 1/256. */
export function createDropout(backend: Backend, rate: number, seed: number, step: number): Dropout {
  const rounded = Math.round(rate * 256) / 256;
  if (rounded === 0) return noDropout;
  return (site, shape) => backend.dropoutMask({ rate: rounded, seed, step, site }, shape);
}
