// The judgement of a benchmark: fair turns, paired ratios, the fastest rival, goals, and what a check refuses.
import { describe, expect, test } from 'vitest';
import { findDifference } from './check.ts';
import { compareTimings } from './compare.ts';
import { contenders } from './contenders.ts';
import { comparisons, fixedRivals } from './goals.ts';
import { measure } from './measure.ts';
import { readOptions } from './options.ts';
import type { Subject, Timing } from './types.ts';

const shape = { batch: 1, tokens: 128, threads: 1 };
const noPeak = () => ({ f32: null, int8: null, reason: 'not measured' });

function timing(contender: string, costs: number[], cpu: number | null = 1): Timing {
  const samples = costs.map((cost) => ({ cost, cpuSeconds: cpu === null ? null : cpu * cost }));
  const unit = 'seconds' as const;
  return { contender, shape, version: '1', unit, samples, operations: 2e9, precision: 'int8' };
}

const ours = 'stillwatt int8 dot encoder';
const rivals = ['onnxruntime int8 dot encoder', 'pytorch int8 dot encoder'] as const;

describe('rows', () => {
  test('compare neighbours in time, so that a slow round cancels', () => {
    const slow = [1, 1, 5, 1, 1, 1, 9];
    const mine = timing(
      ours,
      slow.map((factor) => 0.7 * factor),
    );
    const [row] = compareTimings([mine, timing(rivals[0], slow)], noPeak);
    expect(row).toMatchObject({ low: 0.7, high: 0.7, isMet: true, goal: { median: 0.8 } });
    expect(row!.ratio).toBeCloseTo(0.7, 12);
    expect(row!.cpuRatio).toBeCloseTo(0.7, 12);
    expect(row!.numerator.rate).toBeCloseTo(2 / 0.7, 12);
    expect(row!.numerator.shareOfPeak).toBeNull();
  });

  test('take the fastest rival', () => {
    const costs = (cost: number) => Array.from({ length: 7 }, () => cost);
    const all = [
      timing(ours, costs(1)),
      timing(rivals[0], costs(1.5)),
      timing(rivals[1], costs(1.1)),
    ];
    const [row] = compareTimings(all, () => ({ f32: 1, int8: 10, reason: null }));
    expect(row!.rival.contender).toBe(rivals[1]);
    expect(row!.isMet).toBe(false);
    expect(row!.numerator.shareOfPeak).toBeCloseTo(0.2, 12);
  });

  test('judge the upper end of the interval, and not without one', () => {
    const dot = (count: number) =>
      timing(
        ours,
        Array.from({ length: count }, () => 1),
      );
    const other = (costs: number[]) => timing('stillwatt int8 inhibitor encoder', costs);
    const rowOf = (costs: number[]) =>
      compareTimings([other(costs), dot(costs.length)], noPeak)[0]!;
    expect(rowOf([1, 1, 1]).isMet).toBeNull();
    expect(rowOf([1, 1, 1, 1, 1, 1.01]).isMet).toBe(true);
    expect(rowOf([0.9, 1, 1, 1, 1, 1.1]).isMet).toBe(false);
    expect(rowOf([0.9, 1, 1, 1, 1, 1.1]).ratio).toBe(1);
  });

  test('leave out what was not timed, and CPU-seconds that a side lacks', () => {
    expect(compareTimings([timing(ours, [1])], noPeak)).toEqual([]);
    const pair = [timing(ours, [1]), timing(rivals[0], [1], null)];
    expect(compareTimings(pair, noPeak)[0]!.cpuRatio).toBeNull();
  });
});

test('every contender comes first and last, and is sampled once a round', async () => {
  const order: string[] = [];
  const subject = (name: string): Subject => ({
    output: async () => [],
    time: async () => {
      order.push(name);
      return { cost: 1, cpuSeconds: 1 };
    },
  });
  const subjects = new Map(['a', 'b', 'c'].map((name) => [name, subject(name)]));
  const samples = await measure(subjects, { rounds: 6, sampleMs: 1 });
  expect([...samples.values()].map(({ length }) => length)).toEqual([6, 6, 6]);
  const rounds = Array.from({ length: 6 }, (_, round) =>
    order.slice(3 + 3 * round, 6 + 3 * round).join(''),
  );
  expect(new Set(rounds.map((round) => [...round].sort().join('')))).toEqual(new Set(['abc']));
  expect(new Set(rounds.map((round) => round[0]))).toEqual(new Set(['a', 'b', 'c']));
  expect(new Set(rounds.map((round) => round[2]))).toEqual(new Set(['a', 'b', 'c']));
});

test('a wrong answer is refused', () => {
  const near = { atol: 1e-4, rtol: 0 };
  expect(findDifference([1, 2], [1, 2.00005], near)).toBeNull();
  expect(findDifference([1, 2], [1, 2.001], near)).toContain('2.001 is expected');
  expect(findDifference([1], [1, 2], { relative: 0.1 })).toContain('shape');
  expect(findDifference([NaN, 2], [1, 2], { relative: 0.1 })).toContain('NaN');
  expect(findDifference([1.05, 2], [1, 2], { relative: 0.1 })).toBeNull();
  expect(findDifference([1.5, 2], [1, 2], { relative: 0.1 })).toContain('of the reference');
});

test('comparisons name contenders that there are', () => {
  const known = new Set([...contenders, ...fixedRivals].map(({ name }) => name));
  // The cores on int8 are timed inside the encoder until the library exports them.
  const announced = /^stillwatt int8 (dot|inhibitor) core$/;
  const named = comparisons.flatMap(({ numerator, rivals: others }) => [numerator, ...others]);
  expect(named.filter((name) => !known.has(name) && !announced.test(name))).toEqual([]);
});

test('flags are checked', () => {
  expect(readOptions(['--quick', '--lengths', '32,64'])).toMatchObject({
    lengths: [32, 64],
    threads: [1],
    rounds: 3,
  });
  expect(() => readOptions(['--suite', 'speed'])).toThrow(/--suite/);
  expect(() => readOptions(['--threads', '0'])).toThrow(/--threads/);
  expect(() => readOptions(['--fast'])).toThrow(/fast/);
});
