import { expect, test } from 'vitest';
import { describeDifference } from './compare.ts';

test('the comparison fails on NaN, shape and infinity, and names the worst element', () => {
  const of = (...values: number[]) => ({ shape: [values.length], values });
  expect(describeDifference(of(1, 2), of(1, 2.00001))).toBeNull();
  expect(describeDifference(of(NaN), of(NaN))).toMatch(/NaN where NaN/);
  expect(describeDifference(of(1), of(Infinity))).toMatch(/Infinity/);
  expect(describeDifference(of(Infinity), of(Infinity))).toBeNull();
  expect(describeDifference({ shape: [1, 2], values: [1, 2] }, of(1, 2))).toMatch(/shape/);
  const worst = { shape: [2, 2], values: [1, 2, 3.5, 4.1] };
  expect(describeDifference(worst, { shape: [2, 2], values: [1, 2, 3, 4] })).toMatch(/\[1, 0\]/);
});
