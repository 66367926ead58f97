// The judgement of a benchmark: fair turns, paired ratios, the fastest rival, goals, and what a check refuses.
import { describe, expect, test } from 'vitest';
import { findDifference } from './check.ts';
import { compareTimings, type Entries, findUnmeasured } from './compare.ts';
import { contenders, takesPart } from './contenders.ts';
import { comparisons } from './goals.ts';
import { measure, shuffle } from './measure.ts';
import { readOptions } from './options.ts';
import { type Subject, suiteNames, type Timing } from './types.ts';

const shape = { batch: 1, tokens: 128, threads: 1 };
const wanted = { lengths: null, batches: null, only: '', isQuick: false };
const entries: Entries = {
  fits: (name, at) => takesPart(name, at, wanted, suiteNames),
  whyMissing: () => 'it was left out',
};
const noPeak = () => ({ f32: null, int8: null, reason: 'not measured' });

function timing(contender: string, costs: number[], cpu: number | null = 1): Timing {
  const samples = costs.map((cost) => ({ cost, cpuSeconds: cpu === null ? null : cpu * cost }));
  const unit = 'seconds' as const;
  return { contender, shape, version: '1', unit, samples, operations: 2e9, precision: 'int8' };
}

const ours = 'stillwatt int8 dot encoder';
const rivals = ['onnxruntime int8 dot encoder', 'pytorch int8 dot encoder'] as const;
const compare = (timings: Timing[], peak: Parameters<typeof compareTimings>[1] = noPeak) =>
  compareTimings(timings, peak, entries);

describe('rows', () => {
  test('compare neighbours in time, so that a slow round cancels', () => {
    const slow = [1, 1, 5, 1, 1, 1, 9];
    const mine = timing(
      ours,
      slow.map((factor) => 0.7 * factor),
    );
    const late = timing(
      rivals[1],
      slow.map((factor) => 2 * factor),
    );
    const [row] = compare([mine, timing(rivals[0], slow), late]);
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
    const [row] = compare(all, () => ({ f32: 1, int8: 10, reason: null }));
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
    const rowOf = (costs: number[]) => compare([other(costs), dot(costs.length)])[0]!;
    expect(rowOf([1, 1, 1]).isMet).toBeNull();
    expect(rowOf([1, 1, 1, 1, 1, 1.01]).isMet).toBe(true);
    expect(rowOf([0.9, 1, 1, 1, 1, 1.1]).isMet).toBe(false);
    expect(rowOf([0.9, 1, 1, 1, 1, 1.1]).ratio).toBe(1);
  });

  test('leave out what was not timed, and CPU-seconds that a side lacks', () => {
    expect(compare([timing(ours, [1])])).toEqual([]);
    const pair = [timing(ours, [1]), timing(rivals[0], [1], null)];
    expect(compare(pair)[0]!.cpuRatio).toBeNull();
  });

  test('judge nothing while a rival is missing, and forget no goal', () => {
    const pair = [timing(ours, [1, 1]), timing(rivals[0], [9, 9])];
    const [row] = compare(pair);
    expect(row).toMatchObject({ isMet: null, reason: `${rivals[1]}: it was left out` });
    const lacking = findUnmeasured([row!], pair, [shape], entries);
    expect(lacking.map(({ title }) => title)).toContain('int8 encoder: inhibitor ÷ dot');
    expect(lacking.map(({ title }) => title)).not.toContain(row!.title);
    // Shapes of a goal that nobody was asked for are no goals.
    const other = { batch: 1, tokens: 33, threads: 1 };
    expect(findUnmeasured([], [], [other], entries)).toEqual([]);
  });
});

test('every round samples all once, as many as fit the time', async () => {
  const order: string[] = [];
  const subject = (name: string): Subject => ({
    output: async () => [],
    time: async () => {
      order.push(name);
      return { cost: 1, cpuSeconds: 1 };
    },
  });
  const subjects = new Map(['a', 'b', 'c'].map((name) => [name, subject(name)]));
  const effort = { seconds: 1e-6, leastRounds: 4, mostRounds: 9, sampleMs: 1 };
  const lengths = [...(await measure(subjects, effort)).values()].map(({ length }) => length);
  expect(lengths).toEqual([4, 4, 4]);
  expect(order.length).toBe(15);
  const longer = await measure(subjects, { ...effort, seconds: 1e6 });
  expect(longer.get('a')!.length).toBe(9);
});

test('turns are random, the same in every run; attentions stay side by side', () => {
  const names = ['ours dot x', 'ours inhibitor x', 'theirs dot x', 'third'];
  const rounds = Array.from({ length: 60 }, (_, round) => shuffle(names, round));
  expect(rounds[7]).toEqual(shuffle(names, 7));
  for (const place of [0, 3]) {
    expect(new Set(rounds.map((round) => round[place]))).toEqual(new Set(names));
  }
  const distances = rounds.map((round) => round.indexOf(names[0]!) - round.indexOf(names[1]!));
  expect(new Set(distances)).toEqual(new Set([-1, 1]));
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
  const known = new Set(contenders.map(({ name }) => name));
  const named = comparisons.flatMap(({ numerator, rivals: others }) => [numerator, ...others]);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test('flags are checked', () => {
  expect(readOptions(['--quick', '--lengths', '32,64'])).toMatchObject({
    lengths: [32, 64],
    threads: [1],
    leastRounds: 2,
  });
  expect(() => readOptions(['--suite', 'speed'])).toThrow(/--suite/);
  expect(() => readOptions(['--threads', '0'])).toThrow(/--threads/);
  expect(() => readOptions(['--fast'])).toThrow(/fast/);
});
