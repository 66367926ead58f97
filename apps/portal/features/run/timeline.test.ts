import type { StageView } from '@stillwatt/contracts';
import { describe, expect, it } from 'vitest';
import { notePlace, timeline } from './timeline.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);
const iso = (seconds: number) => at(seconds).toISOString();
const stage = (name: string, part: Partial<StageView>): StageView => ({
  path: `run_a/${name}`,
  name,
  kind: 'teacher',
  model: null,
  state: 'waiting',
  key: null,
  ownerPath: null,
  startedAt: null,
  finishedAt: null,
  phase: null,
  done: null,
  total: null,
  unit: null,
  ratePerSecond: null,
  etaSeconds: null,
  attempts: [],
  output: null,
  summary: null,
  provenance: null,
  error: null,
  ...part,
});
const attempt = (
  number: number,
  from: number,
  to: number | null,
  state: 'running' | 'succeeded' | 'lost',
) => ({
  number,
  state,
  startedAt: iso(from),
  finishedAt: to === null ? null : iso(to),
  resumedFrom: null,
  error: null,
  wallSeconds: null,
  cpuSeconds: null,
  peakRssBytes: null,
});

describe('notePlace', () => {
  const bar = (left: number, width: number) =>
    ({ left, width, state: 'running', attempt: 1, live: true }) as const;
  it.each([
    ['after a short bar at the left', [bar(0, 0.3)], { side: 'after', at: 0.3 }],
    ['before one that reaches the present', [bar(0.6, 0.4)], { side: 'before', at: 0.6 }],
    ['on a bar that leaves no room', [bar(0.1, 0.9)], { side: 'on', at: 0.1 }],
    ['at the left where nothing began', [], { side: 'after', at: 0 }],
  ] as const)('is %s', (_, bars, place) => expect(notePlace(bars)).toEqual(place));
});

describe('timeline', () => {
  it('is nothing before anything began', () => {
    expect(timeline([stage('data', {})], at(0))).toBeNull();
  });

  it('lays attempts side by side and lets the last one grow to the present', () => {
    const drawn = timeline(
      [
        stage('data', { state: 'cached', startedAt: iso(0), finishedAt: iso(0) }),
        stage('teacher', {
          state: 'running',
          startedAt: iso(0),
          attempts: [attempt(1, 0, 20, 'lost'), attempt(2, 25, null, 'running')],
        }),
      ],
      at(100),
    );
    expect(drawn?.nowAt).toBe(1);
    expect(drawn?.rows[0]?.bars).toEqual([
      { left: 0, width: 0, state: 'cached', attempt: null, live: false },
    ]);
    expect(drawn?.rows[1]?.bars).toEqual([
      { left: 0, width: 0.2, state: 'lost', attempt: 1, live: false },
      { left: 0.25, width: 0.75, state: 'running', attempt: 2, live: true },
    ]);
    expect(drawn?.rows[1]?.seconds).toBe(100);
  });

  it('ends with the last stage once nothing goes on', () => {
    const ended = stage('teacher', {
      state: 'succeeded',
      startedAt: iso(0),
      finishedAt: iso(50),
      attempts: [attempt(1, 0, 50, 'succeeded')],
    });
    const drawn = timeline([ended], at(1000));
    expect(drawn?.nowAt).toBeNull();
    expect(drawn?.rows[0]?.bars[0]?.width).toBe(1);
    expect(drawn?.ticks.map((tick) => tick.text.replaceAll('\u202f', ' '))).toEqual([
      '0',
      '10 s',
      '20 s',
      '30 s',
      '40 s',
      '50 s',
    ]);
  });
});
