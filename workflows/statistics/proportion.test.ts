import { describe, expect, it } from 'vitest';
import { proportionInterval } from './proportion.ts';

describe('proportionInterval', () => {
  it('is the published value of 81 in 263', () => {
    // Newcombe, Statistics in Medicine 17 (1998), table I: 0.2553 to 0.3662.
    const { low, high } = proportionInterval(81 / 263, 263);
    expect(low).toBeCloseTo(0.2553, 4);
    expect(high).toBeCloseTo(0.3662, 4);
  });
  it('is not empty at the ends and stays in 0…1', () => {
    const none = proportionInterval(0, 20);
    expect(none.low).toBe(0);
    // Newcombe, the same table: 0 of 20 gives 0.1611.
    expect(none.high).toBeCloseTo(0.1611, 4);
    expect(proportionInterval(1, 20).high).toBe(1);
  });
  it('refuses what is no share', () => {
    expect(() => proportionInterval(1.2, 10)).toThrow(RangeError);
    expect(() => proportionInterval(Number.NaN, 10)).toThrow(RangeError);
    expect(() => proportionInterval(0.5, 0)).toThrow(RangeError);
  });
});
