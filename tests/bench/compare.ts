// Samples to rows: ratios of neighbours in time, their median with its interval, rates and goals.
import { median, medianInterval, quantile } from '@stillwatt/statistics';
import { type Bound, comparisons, fixedRivals } from './goals.ts';
import type { Peak } from './peak.ts';
import type { Shape, Timing, Unit } from './types.ts';

export interface Side {
  readonly contender: string;
  readonly version: string;
  /** Median seconds (or bytes) of a call. */
  readonly cost: number;
  readonly cpuSeconds: number | null;
  /** Half the samples lie within this share of the median. */
  readonly spread: number | null;
  /** GFLOP/s or GOP/s, and its share of the measured peak. */
  readonly rate: number | null;
  readonly shareOfPeak: number | null;
}

export interface Row {
  readonly shape: Shape;
  readonly unit: Unit;
  readonly numerator: Side;
  readonly rival: Side;
  readonly ratio: number;
  /** 95 % interval of the median ratio; null with the reason. */
  readonly low: number | null;
  readonly high: number | null;
  readonly reason: string | null;
  /** The same of CPU-seconds, all threads; null where a side has none. */
  readonly cpuRatio: number | null;
  readonly goal: Bound | null;
  /** Null where there is no goal, or no interval to judge it by. */
  readonly isMet: boolean | null;
}

/** All comparisons whose two sides were timed at a shape. */
export function compareTimings(
  timings: readonly Timing[],
  peakOf: (threads: number) => Peak,
): Row[] {
  const shapes = new Map(timings.map(({ shape }) => [JSON.stringify(shape), shape]));
  const rows: Row[] = [];
  for (const { numerator, rivals, bound } of comparisons) {
    for (const shape of shapes.values()) {
      const a = find(timings, numerator, shape);
      const b = fastest(timings, rivals, shape, a);
      if (!a || !b) continue;
      rows.push(compare(a, b, bound(shape), peakOf(shape.threads)));
    }
  }
  return rows;
}

function compare(a: Timing, b: Timing, goal: Bound | null, peak: Peak): Row {
  const ratios = a.samples.map(({ cost }, index) => cost / b.samples[index]!.cost);
  const { low, high, reason } = medianInterval(ratios);
  const ratio = median(ratios);
  return {
    shape: a.shape,
    unit: a.unit,
    numerator: describe(a, peak),
    rival: describe(b, peak),
    ratio,
    low,
    high,
    reason,
    cpuRatio: compareCpu(a, b),
    goal,
    isMet: judge(goal, ratio, high),
  };
}

function compareCpu(a: Timing, b: Timing): number | null {
  const ratios = a.samples.map(({ cpuSeconds }, index) => {
    const other = b.samples[index]!.cpuSeconds;
    return cpuSeconds === null || other === null ? null : cpuSeconds / other;
  });
  const known = ratios.filter((ratio) => ratio !== null && Number.isFinite(ratio)) as number[];
  return known.length === ratios.length ? median(known) : null;
}

function judge(goal: Bound | null, ratio: number, high: number | null): boolean | null {
  if (goal === null) return null;
  if (ratio > goal.median) return false;
  if (goal.upper === undefined) return true;
  return high === null ? null : high <= goal.upper;
}

function describe(
  { contender, version, samples, operations, precision }: Timing,
  peak: Peak,
): Side {
  const costs = samples.map(({ cost }) => cost);
  const cost = median(costs);
  const cpu = samples.map(({ cpuSeconds }) => cpuSeconds).filter((value) => value !== null);
  const rate = operations === null ? null : operations / cost / 1e9;
  const top = peak[precision];
  return {
    contender,
    version,
    cost,
    cpuSeconds: cpu.length > 0 ? median(cpu) : null,
    spread: samples.length > 1 ? (quantile(costs, 0.75) - quantile(costs, 0.25)) / cost : null,
    rate,
    shareOfPeak: rate === null || top === null ? null : rate / top,
  };
}

function find(timings: readonly Timing[], name: string, shape: Shape): Timing | undefined {
  return timings.find((timing) => timing.contender === name && isSame(timing.shape, shape));
}

/** The rival with the lowest median; a fixed one has the same time in every round. */
function fastest(
  timings: readonly Timing[],
  names: readonly string[],
  shape: Shape,
  beside: Timing | undefined,
): Timing | undefined {
  const found = names
    .map((name) => find(timings, name, shape) ?? fixed(name, shape, beside))
    .filter((timing) => timing !== undefined);
  const cost = ({ samples }: Timing): number => median(samples.map((sample) => sample.cost));
  return found.sort((a, b) => cost(a) - cost(b))[0];
}

function fixed(name: string, shape: Shape, beside: Timing | undefined): Timing | undefined {
  const rival = fixedRivals.find((each) => each.name === name);
  const seconds = rival?.seconds[shape.tokens];
  if (!beside || seconds === undefined || shape.batch !== 1 || shape.threads !== 1)
    return undefined;
  const samples = beside.samples.map(() => ({ cost: seconds, cpuSeconds: null }));
  return { ...beside, contender: name, version: 'measured elsewhere', samples };
}

function isSame(a: Shape, b: Shape): boolean {
  return a.batch === b.batch && a.tokens === b.tokens && a.threads === b.threads;
}
