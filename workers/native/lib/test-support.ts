// Seeded values and comparisons of the tests.
import { expect } from 'vitest';
import { createDropoutMask } from './dropout-mask.ts';

/** Seeded values within ±1: eight coins each. */
export function random(length: number, seed: number): Float32Array {
  const masks = [1, 2, 3, 4, 5, 6, 7, 8].map((bit) => createDropoutMask(seed * 8 + bit, 0.5));
  return Float32Array.from({ length }, (_, index) =>
    masks.reduce((value, mask, bit) => value + (mask(index) - 1) / 2 ** (bit + 1), 0),
  );
}

/** Every value within 1e-5 of `expected`; NaN fails. */
export function expectClose(
  found: Float32Array,
  expected: (index: number) => number,
  tolerance = 1e-5,
): void {
  for (const [index, value] of found.entries()) {
    const wanted = expected(index);
    if (!(Math.abs(value - wanted) <= tolerance * (1 + Math.abs(wanted)))) {
      expect.fail(`${value} at ${index}, not ${wanted}`);
    }
  }
}
