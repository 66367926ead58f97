// Against the published table of ranks and the interval's own promise.
import { expect, it } from 'vitest';
import { median, medianInterval } from './median.ts';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => n - index);

it('gives the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
});

it.each([
  // Conover, table of the binomial with p = 0.5: ranks of the 95 % interval.
  [6, 1, 6],
  [8, 1, 8],
  [9, 2, 8],
  [10, 2, 9],
  [15, 4, 12],
  [20, 6, 15],
  [21, 6, 16],
  [30, 10, 21],
])('of %i values lies between ranks %i and %i', (n, low, high) => {
  expect(medianInterval(upTo(n))).toEqual({ low, high, reason: null });
});

it('has no interval under six values and says why', () => {
  expect(medianInterval([1, 2, 3, 4, 5])).toMatchObject({ low: null, high: null });
  expect(medianInterval([1]).reason).toContain('there is 1');
  expect(() => medianInterval([1, NaN])).toThrow(RangeError);
});
