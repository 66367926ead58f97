import { expect, test } from 'vitest';
import type { Row, Side } from './compare.ts';
import { type Result, writeGoals } from './goal-table.ts';

const side: Side = {
  contender: 'ours',
  version: '1',
  cost: 0.002,
  cpuSeconds: 0.002,
  spread: 0.01,
  tokensPerSecond: 64000,
  rate: 100,
  shareOfPeak: 0.5,
};

function row(tokens: number, ratio: number, isMet: boolean | null): Row {
  const rival = { ...side, contender: 'theirs', cost: side.cost / ratio };
  return {
    title: 'ours ÷ theirs',
    shape: { batch: 1, tokens, threads: 1 },
    unit: 'seconds',
    numerator: side,
    rival,
    ratio,
    low: ratio - 0.01,
    high: ratio + 0.01,
    reason: null,
    cpuRatio: ratio,
    goal: { median: 1, upper: 1.02 },
    isMet,
  };
}

function write(rows: Row[], unmeasured: Result['unmeasured'] = []): string {
  return writeGoals({
    date: '2026-11-24T12:00:00Z',
    command: 'npm run bench --',
    seconds: 9,
    commit: null,
    machine: { cpu: 'a CPU', cores: 2, isBusy: false },
    variant: null,
    peaks: { 1: { f32: 118, int8: null } },
    rows,
    unmeasured,
  });
}

test('one line a goal: its range, what missed, what was not measured', () => {
  const text = write(
    [row(32, 0.9, true), row(64, 0.95, true), row(128, 1.1, false)],
    [
      {
        title: 'ours ÷ theirs',
        shape: { batch: 1, tokens: 512, threads: 1 },
        goal: { median: 1, upper: 1.02 },
        reason: 'theirs was left out',
      },
    ],
  );
  const lines = text.split('\n').filter((line) => line.startsWith('| ours ÷ theirs'));
  expect(lines[0]).toBe(
    '| ours ÷ theirs | ≤ 1.00, upper end ≤ 1.02 | 3 shapes: 0.900 to 1.100, middle 0.950; ' +
      '✗ 1×128, 1 thr: 1.100 [1.090, 1.110]; CPU-seconds 0.900 to 1.100; ' +
      'not measured at 1: theirs was left out | 2 of 4 |',
  );
  expect(lines).toHaveLength(4);
  expect(text).toContain('118 GFLOP/s f32, – GOP/s int8');
});

test('a goal whose shapes are all met has its mark', () => {
  expect(write([row(32, 0.9, true)])).toContain(
    '| 1×32, 1 thr: 0.900 [0.890, 0.910]; CPU-seconds 0.900 to 0.900 | ✓ |',
  );
});
