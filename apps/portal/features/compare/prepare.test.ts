import type { ModelRow, RunDetail } from '@stillwatt/contracts';
import { describe, expect, it } from 'vitest';
import { colours } from '../../ui/chart/palette.ts';
import { costSeries, figureRows, flatSpec, front, valueText, withBaseline } from './prepare.ts';

const plain = (text: string | null | undefined) => text?.replaceAll('\u202f', ' ');
const model = (role: ModelRow['role'], accuracy: number, megabytes: number): ModelRow => ({
  role,
  attention: 'dot',
  precision: role === 'quantized' ? 'int8' : 'f32',
  layers: 3,
  parameters: 1e6,
  sizeBytes: megabytes * 1e6,
  digest: `sha256:${role}`,
  metrics: { accuracy },
  n: 1000,
  latency: null,
  peakRssBytes: null,
  profiledBy: null,
});
const run = (...models: ModelRow[]) => ({ state: 'succeeded', models }) as unknown as RunDetail;
const runs = [
  run(model('teacher', 0.86, 90), model('quantized', 0.83, 20)),
  run(model('teacher', 0.86, 90), model('quantized', 0.81, 18)),
];

describe('figureRows', () => {
  it('gives differences to the first run, and reasons for what is missing', () => {
    const rows = figureRows(runs, 'quantized');
    expect(rows[0]?.cells.map((cell) => cell.difference)).toEqual([
      null,
      '−2.0 points (−5.4 to +1.4)',
    ]);
    const again = figureRows([runs[0]!, runs[0]!], 'quantized')[0];
    expect(again?.cells[1]?.difference).toBe('equal (−3.3 to +3.3)');
    expect(plain(rows[0]?.cells[0]?.text)).toBe('83.0 ± 2.3 %');
    const size = rows.find((row) => row.label === 'Size');
    expect(plain(size?.cells[1]?.difference)).toBe('0.90 ×');
    expect(rows.find((row) => row.label === 'p95 latency')?.cells[1]).toMatchObject({
      text: null,
      reason: 'profiling left no figure',
    });
  });
});

describe('costSeries', () => {
  it('has a shared teacher once, shapes by precision, and the front', () => {
    const series = costSeries(runs, 'size', colours(false));
    expect(series.map(({ name, shape, points }) => [name, shape, points.length])).toEqual([
      ['teacher f32', 'circle', 1],
      ['dot int8', 'diamond', 2],
      ['Pareto front', undefined, 3],
    ]);
    expect(series[1]?.points[0]?.low).toBeLessThan(83);
  });
  it('leaves out what has no cost', () => {
    expect(costSeries(runs, 'latency', colours(false))).toEqual([]);
  });
});

describe('front', () => {
  const point = (x: number, y: number | null) => ({ x, y });
  it('keeps what nothing beats', () => {
    const points = [point(3, 90), point(1, 80), point(2, 79), point(4, 90), point(2, null)];
    expect(front(points)).toEqual([point(1, 80), point(3, 90)]);
  });
  it('takes the better of two that cost the same', () => {
    expect(front([point(1, 70), point(1, 80)])).toEqual([point(1, 80)]);
  });
});

it('flattens a spec and writes values in words', () => {
  expect(flatSpec({ seed: 1, profile: { lengths: [32, 128] } } as never)).toEqual([
    ['seed', '1'],
    ['profile.lengths', '32, 128'],
  ]);
  expect(valueText(undefined)).toBe('not set');
  expect(withBaseline(['a', 'b', 'c'], 'b')).toEqual(['b', 'a', 'c']);
});
