// Check, then time: what a contender answers against its reference.
import { describeDifference } from '../../workers/engine/backends/reference/compare.ts';
import type { Closeness } from './types.ts';

/** Null where the answer is right, else what is wrong with it. */
export function findDifference(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  closeness: Closeness,
): string | null {
  const [a, b] = [actual, expected].map((values) => ({ shape: [values.length], values }));
  if ('atol' in closeness) return describeDifference(a!, b!, closeness);
  const wrong = describeDifference(a!, b!, { atol: Infinity, rtol: 0 });
  if (wrong !== null) return wrong;
  let [difference, norm] = [0, 0];
  for (let index = 0; index < expected.length; index++) {
    difference += (actual[index]! - expected[index]!) ** 2;
    norm += expected[index]! ** 2;
  }
  const relative = Math.sqrt(difference / norm);
  if (relative <= closeness.relative) return null;
  return `differs by ${relative.toFixed(4)} of the reference's length, ${closeness.relative} allowed`;
}
