// Against published values: NIST/SEMATECH e-Handbook tables and data sets, and R's documentation.
import { describe, expect, it } from 'vitest';
import { mean, quantile, standardDeviation } from './describe.ts';
import { meanInterval } from './interval.ts';
import { studentTCumulative, studentTQuantile } from './student-t.ts';

describe('describe', () => {
  it('gives mean and sd of NIST NumAcc3, where one-pass formulas fail', () => {
    // NIST StRD NumAcc3: 1000000.2, then 500 pairs 1000000.1, 1000000.3; certified sd 0.1.
    const values = [1000000.2, ...Array.from({ length: 500 }, () => [1000000.1, 1000000.3]).flat()];
    expect(mean(values)).toBeCloseTo(1000000.2, 8);
    expect(standardDeviation(values)).toBeCloseTo(0.1, 8);
  });

  it('gives quantiles of type 7, as R does', () => {
    const values = [4, 1, 3, 2, 12];
    expect([0, 0.25, 0.5, 0.875, 1].map((p) => quantile(values, p))).toEqual([1, 2, 3, 8, 12]);
    expect(values).toEqual([4, 1, 3, 2, 12]);
    expect(quantile([], 0.5)).toBeNaN();
    expect(() => quantile([1], 1.5)).toThrow(RangeError);
  });
});

describe("Student's t", () => {
  it('gives the critical values of the NIST table', () => {
    const table: [number, number, number][] = [
      [0.975, 1, 12.706],
      [0.975, 2, 4.303],
      [0.975, 9, 2.262],
      [0.975, 29, 2.045],
      [0.95, 5, 2.015],
      [0.99, 10, 2.764],
      [0.975, 1_000_000, 1.96],
    ];
    for (const [p, df, t] of table) expect(studentTQuantile(p, df)).toBeCloseTo(t, 3);
    expect(studentTQuantile(0.025, 2)).toBeCloseTo(-4.303, 3);
  });

  it('equals the closed forms at one and two degrees of freedom', () => {
    for (const t of [-3, -0.5, 0, 0.1, 1, 2.5, 40]) {
      expect(studentTCumulative(t, 1)).toBeCloseTo(0.5 + Math.atan(t) / Math.PI, 12);
      expect(studentTCumulative(t, 2)).toBeCloseTo(0.5 + t / (2 * Math.sqrt(2 + t * t)), 12);
    }
  });
});

describe('meanInterval', () => {
  it("gives R's t.test interval of the sleep data, group 1", () => {
    // Student (1908), R's `sleep`: t.test(extra[group == 1]) gives −0.5297804 … 2.0297804.
    const interval = meanInterval([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]);
    expect(interval.n).toBe(10);
    expect(interval.mean).toBeCloseTo(0.75, 12);
    expect(interval.low).toBeCloseTo(-0.5297804, 6);
    expect(interval.high).toBeCloseTo(2.0297804, 6);
  });

  it('is wider than 1.96 standard errors at three seeds', () => {
    const { mean: center, high, sd } = meanInterval([0.84, 0.85, 0.87]);
    expect(((high ?? 0) - (center ?? 0)) / ((sd ?? 0) / Math.sqrt(3))).toBeCloseTo(4.302653, 5);
  });

  it('has no interval under three values and says why', () => {
    expect(meanInterval([1, 2])).toMatchObject({ n: 2, mean: 1.5, low: null, high: null });
    expect(meanInterval([1, 2]).reason).toContain('there are 2');
    expect(meanInterval([])).toMatchObject({ n: 0, mean: null, sd: null });
    expect(() => meanInterval([1, NaN, 2])).toThrow(RangeError);
  });
});
