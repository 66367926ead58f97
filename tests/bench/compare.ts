// Samples to rows: ratios of neighbours in time, their median with its interval, rates and goals.
import { median, medianInterval, quantile } from '@stillwatt/statistics';
import { type Bound, type Comparison, comparisons } from './goals.ts';
import type { Peak } from './peak.ts';
import type { Shape, Timing, Unit } from './types.ts';

export interface Side {
  readonly contender: string;
  readonly version: string;
  /** Median seconds (or bytes) of a call. */
  readonly cost: number;
  readonly cpuSeconds: number | null;
  /** From the first quartile to the third, as a share of the median. */
  readonly spread: number | null;
  /** Null where the cost is no time of tokens. */
  readonly tokensPerSecond: number | null;
  /** GFLOP/s or GOP/s, and its share of the measured peak. */
  readonly rate: number | null;
  readonly shareOfPeak: number | null;
}

export interface Row {
  readonly title: string;
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
  /** Null where there is no goal, or it cannot be judged: `reason` says why. */
  readonly isMet: boolean | null;
}

/** A goal that has no row, because a side was not timed. */
export interface Unmeasured {
  readonly title: string;
  readonly shape: Shape;
  readonly goal: Bound;
  readonly reason: string;
}

/** Whether a contender is timed at a shape at all; why it was not, where it should have been. */
export interface Entries {
  fits(name: string, shape: Shape): boolean;
  whyMissing(name: string, shape: Shape): string;
}

/** All comparisons whose two sides were timed at a shape. A goal is judged where all rivals were. */
export function compareTimings(
  timings: readonly Timing[],
  peakOf: (threads: number) => Peak,
  entries: Entries,
): Row[] {
  const shapes = new Map(timings.map(({ shape }) => [JSON.stringify(shape), shape]));
  const rows: Row[] = [];
  for (const comparison of comparisons) {
    for (const shape of shapes.values()) {
      const a = find(timings, comparison.numerator, shape);
      const b = fastest(timings, comparison.rivals, shape);
      if (!a || !b) continue;
      const why = whyNot(timings, comparison, shape, entries);
      rows.push(compare(a, b, comparison, peakOf(shape.threads), why));
    }
  }
  return rows;
}

/** Goals at the shapes that were asked for, of which `rows` has none. */
export function findUnmeasured(
  rows: readonly Row[],
  timings: readonly Timing[],
  shapes: readonly Shape[],
  entries: Entries,
): Unmeasured[] {
  return comparisons.flatMap((comparison) =>
    shapes.flatMap((shape): Unmeasured[] => {
      const { title, numerator, rivals, bound } = comparison;
      const goal = bound(shape);
      if (goal === null || !entries.fits(numerator, shape)) return [];
      if (!rivals.some((name) => entries.fits(name, shape))) return [];
      if (rows.some((row) => row.title === title && isSame(row.shape, shape))) return [];
      const reason = whyNot(timings, comparison, shape, entries) ?? 'it was not timed';
      return [{ title, shape, goal, reason }];
    }),
  );
}

/** Null where everybody of a comparison was timed who fits the shape. */
function whyNot(
  timings: readonly Timing[],
  { numerator, rivals }: Comparison,
  shape: Shape,
  { fits, whyMissing }: Entries,
): string | null {
  const missing = [numerator, ...rivals].find(
    (name) => fits(name, shape) && !find(timings, name, shape),
  );
  return missing === undefined ? null : `${missing}: ${whyMissing(missing, shape)}`;
}

function compare(
  a: Timing,
  b: Timing,
  { title, bound }: Comparison,
  peak: Peak,
  whyNotJudged: string | null,
): Row {
  const ratios = a.samples.map(({ cost }, index) => cost / b.samples[index]!.cost);
  // Between order statistics: that of the logarithms of the ratios is the same one.
  const { low, high, reason } = medianInterval(ratios);
  const ratio = median(ratios);
  const goal = bound(a.shape);
  return {
    title,
    shape: a.shape,
    unit: a.unit,
    numerator: describe(a, peak),
    rival: describe(b, peak),
    ratio,
    low,
    high,
    reason: whyNotJudged ?? reason,
    cpuRatio: compareCpu(a, b),
    goal,
    isMet: whyNotJudged === null ? judge(goal, ratio, high) : null,
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
  { contender, version, shape, unit, samples, operations, precision }: Timing,
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
    tokensPerSecond:
      unit === 'seconds' && operations !== null ? (shape.batch * shape.tokens) / cost : null,
    rate,
    shareOfPeak: rate === null || top === null ? null : rate / top,
  };
}

function find(timings: readonly Timing[], name: string, shape: Shape): Timing | undefined {
  return timings.find((timing) => timing.contender === name && isSame(timing.shape, shape));
}

/** The rival with the lowest median. */
function fastest(
  timings: readonly Timing[],
  names: readonly string[],
  shape: Shape,
): Timing | undefined {
  const found = names
    .map((name) => find(timings, name, shape))
    .filter((timing) => timing !== undefined);
  const cost = ({ samples }: Timing): number => median(samples.map((sample) => sample.cost));
  return found.sort((a, b) => cost(a) - cost(b))[0];
}

function isSame(a: Shape, b: Shape): boolean {
  return a.batch === b.batch && a.tokens === b.tokens && a.threads === b.threads;
}
