import { expect, it } from 'vitest';
import { proportionDifference } from './proportion-difference.ts';

it('is the published interval of 56 in 70 against 48 in 80', () => {
  // Newcombe, Statistics in Medicine 17 (1998), table II, method 10: 0.0524 to 0.3339.
  const { value, low, high } = proportionDifference(56 / 70, 70, 48 / 80, 80);
  expect(value).toBeCloseTo(0.2, 4);
  expect(low).toBeCloseTo(0.0524, 4);
  expect(high).toBeCloseTo(0.3339, 4);
});

it('holds at the ends, and turned round it is the same', () => {
  // The same table: 10 of 10 against 0 of 20 gives 0.6791 to 1.
  const { low, high } = proportionDifference(1, 10, 0, 20);
  expect(low).toBeCloseTo(0.6791, 4);
  expect(high).toBe(1);
  const turned = proportionDifference(0, 20, 1, 10);
  expect([turned.low, turned.high]).toEqual([-high, -low]);
});
