import { experimentSchema, type ModelRow, type RunRow } from '@stillwatt/contracts';
import { describe, expect, it } from 'vitest';
import { countParts, shade, sweepEta, sweepFault, sweepGrid } from './prepare.ts';

const spec = experimentSchema.parse({
  experiment: 'a',
  seeds: [1, 2, 3],
  sweep: { over: { 'student.attention': ['dot', 'inhibitor'], 'student.layers': [2, 3] } },
});
const run = (attention: string, layers: number, seed: number, accuracy: number | null): RunRow =>
  ({
    id: `run_${attention}${layers}${seed}`,
    cell: { 'student.layers': layers, 'student.attention': attention },
    seed,
    state: 'succeeded',
    models:
      accuracy === null
        ? []
        : [
            {
              role: 'student',
              metrics: { accuracy },
              n: 100,
              latency: null,
            } as unknown as ModelRow,
          ],
  }) as unknown as RunRow;

it('a sweep tells its own error when it failed, not that it was cancelled', () => {
  const error = { code: 'SPEC_INVALID', message: 'no', retryable: false } as const;
  expect(sweepFault({ state: 'failed', error })).toBe(error);
  expect(sweepFault({ state: 'failed', error: null })).toBeNull();
  expect(sweepFault({ state: 'cancelled', error })).toBeNull();
});

describe('sweepGrid', () => {
  const runs = [
    run('dot', 2, 1, 0.8),
    run('dot', 2, 2, 0.82),
    run('dot', 2, 3, 0.84),
    run('inhibitor', 3, 1, null),
  ];
  const grid = sweepGrid({ spec, runs });
  it('has a row for each cell of the plan, started or not', () => {
    expect(grid.rows.map((row) => row.label)).toEqual([
      'dot, layers 2',
      'dot, layers 3',
      'inhibitor, layers 2',
      'inhibitor, layers 3',
    ]);
    expect(grid.rows[1]?.runs).toEqual([null, null, null]);
    expect(grid.rows[3]?.runs[0]?.id).toBe('run_inhibitor31');
  });
  it('gives the mean an interval once there are three seeds', () => {
    expect(grid.rows[0]?.accuracy).toMatchObject({ n: 3, reason: null });
    expect(grid.rows[0]?.accuracy.mean).toBeCloseTo(0.82);
    expect(grid.rows[3]?.accuracy).toMatchObject({ n: 0, mean: null });
  });
  it('knows the best and shades by the range', () => {
    expect(grid.best).toMatchObject({ run: { seed: 3 }, equals: 0 });
    const tied = sweepGrid({ spec, runs: [...runs, run('dot', 3, 1, 0.84)] });
    expect(tied.best?.equals).toBe(1);
    expect(grid.range).toEqual({ low: 0.8, high: 0.84 });
    expect(shade(0.82, grid.range)).toBeCloseTo(0.5);
    expect(shade(0.8, { low: 0.8, high: 0.8 })).toBe(0.5);
  });
});

describe('sweepEta', () => {
  const now = new Date('2026-01-01T01:00:00Z');
  const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString();
  const part = (state: RunRow['state'], from: number, to: number | null, eta: number | null) =>
    ({
      ...{ state, startedAt: ago(from), finishedAt: to === null ? null : ago(to) },
      etaSeconds: eta,
    }) as RunRow;
  const sweep: Parameters<typeof sweepEta>[0] = {
    ...{ state: 'running', planned: 6, spec },
    runs: [
      part('succeeded', 400, 300, null),
      part('succeeded', 300, 100, null),
      part('running', 100, null, 60),
      part('running', 100, null, null),
    ],
  };
  it('shares what is left among as many as run at a time', () => {
    // 60 s and 150 − 100 s of the two that run, and twice 150 s.
    expect(sweepEta(sweep, now)).toBe((60 + 50 + 300) / 2);
  });
  it('is no less than what the longest still needs', () => {
    expect(sweepEta({ ...sweep, planned: 4 }, now)).toBe(60);
  });
  it('is nothing without a finished run, and for a sweep that does not go on', () => {
    expect(sweepEta({ ...sweep, runs: sweep.runs.slice(2) }, now)).toBeNull();
    expect(sweepEta({ ...sweep, state: 'paused' }, now)).toBeNull();
  });
});

it('splits the bar by state, with what was not started at the end', () => {
  const counts = { queued: 0, running: 1, succeeded: 2, failed: 1, cancelled: 0 };
  expect(countParts({ planned: 8, counts })).toEqual([
    { state: 'succeeded', count: 2, share: 0.25 },
    { state: 'failed', count: 1, share: 0.125 },
    { state: 'running', count: 1, share: 0.125 },
    { state: 'planned', count: 4, share: 0.5 },
  ]);
});
