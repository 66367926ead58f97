import type { Latency, ModelRow } from '@stillwatt/contracts';
import { describe, expect, it } from 'vitest';
import {
  cellText,
  figures,
  headline,
  headlineLatency,
  missing,
  requester,
  runName,
  select,
} from './prepare.ts';

const window = (length: number, batch: number): Latency => ({
  length,
  batch,
  requests: 100,
  p50Ms: 1,
  p95Ms: length,
  p99Ms: 3,
  throughputPerSecond: 10,
  energyPerInference: { value: null, reason: 'no meter', method: null },
});
const model = (role: ModelRow['role'], part: Partial<ModelRow> = {}): ModelRow => ({
  role,
  attention: 'dot',
  precision: role === 'quantized' ? 'int8' : 'f32',
  layers: 3,
  parameters: 17_000_000,
  sizeBytes: 68_000_000,
  digest: `sha256:${'0'.repeat(64)}`,
  metrics: null,
  n: null,
  latency: null,
  peakRssBytes: null,
  profiledBy: null,
  ...part,
});

it.each([
  [{ requestedBy: { id: 'u', name: 'Ada', email: 'a@b.c' }, schedule: null }, 'Ada'],
  [{ requestedBy: null, schedule: null }, 'an API key'],
  [{ requestedBy: null, schedule: { id: 's', name: 'nightly' } }, 'the schedule nightly'],
  [{ requestedBy: null, schedule: { id: 's', name: null } }, 'a removed schedule'],
])('names who asked for it: %j → %s', (asked, said) => expect(requester(asked)).toBe(said));

describe('names', () => {
  it('says what the sweep set and the seed', () => {
    const cell = { 'student.attention': 'inhibitor', 'student.layers': 3 };
    expect(cellText(cell)).toBe('inhibitor, layers 3');
    expect(runName({ experiment: 'demo', cell, seed: 2 })).toBe(
      'demo · inhibitor, layers 3 · seed 2',
    );
    expect(runName({ experiment: 'demo', cell: {}, seed: 1 })).toBe('demo · seed 1');
  });
});

describe('headline', () => {
  it('is the smallest model made so far, never the teacher', () => {
    expect(headline([model('teacher'), model('student'), model('quantized')])?.role).toBe(
      'quantized',
    );
    expect(headline([model('teacher'), model('student')])?.role).toBe('student');
    expect(headline([model('teacher')])).toBeNull();
  });
  it('takes latency of one text at a time at the longest length', () => {
    expect(headlineLatency([window(32, 1), window(128, 1), window(128, 8)])?.batch).toBe(1);
    expect(headlineLatency([window(32, 1), window(128, 1)])?.length).toBe(128);
    expect(headlineLatency([window(64, 8)])?.batch).toBe(8);
    expect(headlineLatency(null)).toBeNull();
  });
});

describe('figures', () => {
  it('gives reasons, not zeros, for what is missing', () => {
    const shown = figures(null, 'running');
    expect(shown.accuracy.value).toBeNull();
    expect(shown.accuracy.reason).toBe('evaluation has not finished yet');
    expect(shown.energy).toMatchObject({ value: null, reason: 'profiling has not finished yet' });
    expect(missing('evaluation', 'failed')).toContain('failed');
  });
  it('gives accuracy its interval and energy its own reason', () => {
    const measured = model('quantized', {
      metrics: { accuracy: 0.8 },
      n: 100,
      latency: [window(128, 1)],
    });
    const shown = figures(measured, 'succeeded');
    expect(shown.accuracy.low).toBeGreaterThan(0.7);
    expect(shown.accuracy.high).toBeLessThan(0.9);
    expect(shown.p95Ms.value).toBe(128);
    expect(shown.energy.reason).toBe('no meter');
  });
});

describe('select', () => {
  const ids = ['a', 'b', 'c', 'd'];
  it('toggles one', () => {
    expect([...select(ids, new Set(), 'b', null, false)]).toEqual(['b']);
    expect([...select(ids, new Set(['b']), 'b', null, false)]).toEqual([]);
  });
  it('extends from the anchor both ways', () => {
    expect([...select(ids, new Set(['d']), 'b', 'd', true)].sort()).toEqual(['b', 'c', 'd']);
    expect([...select(ids, new Set(), 'c', 'gone', true)]).toEqual(['c']);
  });
});
