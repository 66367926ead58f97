// Draws repeat, spread evenly and do not depend on their neighbours.
import { describe, expect, it } from 'vitest';
import { draw } from './draw.ts';

describe('draw', () => {
  it('is a function of seed and index alone', () => {
    expect([draw(1, 0), draw(1, 1), draw(2, 0)]).toEqual([draw(1, 0), draw(1, 1), draw(2, 0)]);
    expect(new Set([draw(1, 0), draw(1, 1), draw(2, 0), draw(2, 1)]).size).toBe(4);
  });

  it('never changes: sweeps that were started before an upgrade go on with the same values', () => {
    expect([draw(1, 0), draw(1, 1), draw(7, 123_456)]).toEqual(golden);
  });

  it('fills [0, 1) evenly over indices and over seeds', () => {
    for (const at of [(i: number) => draw(3, i), (i: number) => draw(i, 3)]) {
      const bins = new Array<number>(16).fill(0);
      for (let i = 0; i < 16_000; i++) {
        const bin = Math.floor(at(i) * 16);
        bins[bin] = (bins[bin] ?? 0) + 1;
      }
      // χ² with 15 degrees of freedom: 37.7 is exceeded once in a thousand even draws.
      const chi2 = bins.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
      expect(chi2).toBeLessThan(37.7);
    }
  });

  it('has no correlation between neighbours', () => {
    const n = 10_000;
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (draw(5, i) - 0.5) * (draw(5, i + 1) - 0.5);
    expect(Math.abs((12 * sum) / n)).toBeLessThan(4 / Math.sqrt(n));
  });
});

const golden = [0.12481105024926364, 0.1232315581291914, 0.41641452931798995];
