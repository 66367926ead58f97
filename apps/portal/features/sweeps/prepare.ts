// A sweep as a grid: cells by seeds, the objective as colour, means over seeds with their intervals.
import {
  type ErrorBody,
  isFinal,
  type RunRow,
  type RunState,
  runsAtOnce,
  runStates,
  type SweepDetail,
  type SweepRow,
} from '@stillwatt/contracts';
import { type Cell, planSweep } from '@stillwatt/search';
import { meanInterval, type MeanInterval } from '@stillwatt/statistics';
import { cellText, figures, headline } from '../runs/prepare.ts';

export interface GridRow {
  key: string;
  label: string;
  attention: 'dot' | 'inhibitor';
  /** One per seed; null while not started. */
  runs: (RunRow | null)[];
  /** Accuracy over the seeds, shares. */
  accuracy: MeanInterval;
}

export interface SweepGrid {
  seeds: number[];
  rows: GridRow[];
  /** Cells that are not drawn because there are so many. */
  left: number;
  /** Lowest and highest accuracy so far; null before the first. */
  range: { low: number; high: number } | null;
  best: {
    run: RunRow;
    accuracy: number;
    n: number | null;
    /** Other runs that are exactly as good. */
    equals: number;
  } | null;
}

/** As many rows as a page shows well. */
const mostRows = 300;

/** @throws StillwattError SPEC_INVALID for a sweep that could not be laid out: `sweepFault` tells why. */
export function sweepGrid(sweep: Pick<SweepDetail, 'spec' | 'runs'>): SweepGrid {
  const { spec, runs } = sweep;
  const plan = planSweep(spec);
  const byKey = new Map(runs.map((run) => [`${cellKey(run.cell)} ${run.seed}`, run]));
  const cells = plan.size / spec.seeds.length;
  const rows = Array.from({ length: Math.min(cells, mostRows) }, (_, index): GridRow => {
    const planned = plan.cell(index * spec.seeds.length);
    const key = cellKey(planned.cell);
    const found = spec.seeds.map((seed) => byKey.get(`${key} ${seed}`) ?? null);
    const values = found.flatMap((run) => (run === null ? [] : (accuracyOf(run) ?? [])));
    return {
      key,
      label: cellText(planned.cell) || 'as written',
      attention: planned.spec.student.attention,
      runs: found,
      accuracy: meanInterval(values),
    };
  });
  const scored = runs.flatMap((run) => {
    const accuracy = accuracyOf(run);
    return accuracy === null ? [] : [{ run, accuracy, n: headline(run.models)?.n ?? null }];
  });
  const all = scored.map(({ accuracy }) => accuracy);
  const top = Math.max(...all);
  const [first, ...others] = scored.filter(({ accuracy }) => accuracy === top);
  const best = first === undefined ? null : { ...first, equals: others.length };
  return {
    seeds: spec.seeds,
    rows,
    left: Math.max(0, cells - mostRows),
    range: all.length === 0 ? null : { low: Math.min(...all), high: Math.max(...all) },
    best,
  };
}

export function accuracyOf(run: RunRow): number | null {
  return figures(headline(run.models), run.state).accuracy.value;
}

/** Why the sweep itself failed, where its runs do not say it. */
export function sweepFault({ state, error }: Pick<SweepRow, 'state' | 'error'>): ErrorBody | null {
  return state === 'failed' ? error : null;
}

/**
 * Seconds until the last run ends, as far as one can tell: what is left of those that run, and for each other one what
 * the finished took on average, `parallel` at a time. Null while paused, ended, or without a finished run to go by.
 */
export function sweepEta(
  sweep: Pick<SweepDetail, 'state' | 'planned' | 'runs' | 'spec'>,
  now: Date,
): number | null {
  if (sweep.state !== 'running') return null;
  const took = sweep.runs.flatMap(({ state, startedAt, finishedAt }) =>
    state === 'succeeded' && startedAt !== null && finishedAt !== null
      ? [(Date.parse(finishedAt) - Date.parse(startedAt)) / 1000]
      : [],
  );
  if (took.length === 0) return null;
  const usual = took.reduce((sum, seconds) => sum + seconds, 0) / took.length;
  const running = sweep.runs.filter(({ state }) => state === 'running');
  const left = running.map(({ etaSeconds, startedAt }) => {
    const since = startedAt === null ? 0 : (now.getTime() - Date.parse(startedAt)) / 1000;
    return etaSeconds ?? Math.max(0, usual - since);
  });
  const ended = sweep.runs.filter(({ state }) => isFinal(state)).length;
  const unstarted = Math.max(0, sweep.planned - ended - running.length);
  const work = left.reduce((sum, seconds) => sum + seconds, unstarted * usual);
  return Math.max(work / runsAtOnce(sweep.spec), ...left);
}

/** Place of a value in the range, 0…1; the middle where all are equal. */
export function shade(value: number, range: SweepGrid['range']): number {
  if (range === null || range.high === range.low) return 0.5;
  return (value - range.low) / (range.high - range.low);
}

/** The same text for the same values, in whatever order their keys came. */
function cellKey(cell: Cell): string {
  return JSON.stringify(Object.entries(cell).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Parts of the progress bar, in order, without empty ones; what was not started is `planned`. */
export function countParts(
  sweep: Pick<SweepRow, 'planned' | 'counts'>,
): { state: RunState | 'planned'; count: number; share: number }[] {
  const order: RunState[] = ['succeeded', 'failed', 'cancelled', 'running', 'queued'];
  const counted = runStates.reduce((sum, state) => sum + (sweep.counts[state] ?? 0), 0);
  const total = Math.max(sweep.planned, counted, 1);
  const parts = order.map((state) => ({ state, count: sweep.counts[state] ?? 0 }));
  return [...parts, { state: 'planned' as const, count: total - counted }]
    .filter(({ count }) => count > 0)
    .map((part) => ({ ...part, share: part.count / total }));
}
