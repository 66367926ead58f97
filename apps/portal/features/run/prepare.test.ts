import type { MetricSeries, ModelRow, RunDetail, StageView } from '@stillwatt/contracts';
import { describe, expect, it } from 'vitest';
import { colours } from '../../ui/chart/palette.ts';
import { failure, headerFigures, metricCharts, metricTitle } from './prepare.ts';

const plain = (text: string | null | undefined) => text?.replaceAll('\u202f', ' ');
const model = (role: ModelRow['role'], accuracy: number, sizeBytes: number): ModelRow => ({
  role,
  attention: 'dot',
  precision: role === 'quantized' ? 'int8' : 'f32',
  layers: 3,
  parameters: 1,
  sizeBytes,
  digest: `sha256:${'0'.repeat(64)}`,
  metrics: { accuracy },
  n: 1068,
  latency: null,
  peakRssBytes: null,
  profiledBy: null,
});

describe('headerFigures', () => {
  const models = [model('teacher', 0.856, 100e6), model('quantized', 0.821, 25e6)];
  it('gives the interval and the difference to the teacher', () => {
    const [accuracy, energy, , size] = headerFigures({ models, state: 'succeeded' });
    expect(plain(accuracy?.text)).toBe('82.1 ± 2.3 %');
    expect(accuracy?.difference).toBe('−3.5 points');
    expect(energy?.text).toBeNull();
    expect(plain(size?.difference)).toBe('0.25 × the teacher’s');
  });
  it('says why while there is nothing', () => {
    const shown = headerFigures({ models: [], state: 'running' });
    expect(shown.map(({ text }) => text)).toEqual([null, null, null, null]);
    expect(shown[0]?.reason).toContain('has not finished');
  });
});

describe('failure', () => {
  const error = { code: 'DIVERGED', message: 'NaN', retryable: false } as const;
  const run = (part: object) =>
    ({ state: 'failed', stages: [], error: null, ...part }) as unknown as RunDetail;
  it('takes the error of the stage before that of the run', () => {
    const stages = [{ name: 'distill', state: 'failed', error } as unknown as StageView];
    const found = failure(run({ stages, error: { ...error, code: 'INTERNAL', fix: 'lower it' } }));
    expect(found).toMatchObject({ stage: 'distill', error: { code: 'DIVERGED', fix: 'lower it' } });
  });
  it('is nothing for a run that goes on', () => {
    expect(failure(run({ state: 'running', error }))).toBeNull();
    expect(failure(run({ error }))).toMatchObject({ stage: null });
  });
});

describe('metricCharts', () => {
  const series = (stage: string, name: string): MetricSeries => ({
    stage,
    name,
    points: [
      { step: 1, value: null },
      { step: 2, value: 0.5 },
    ],
  });
  it('puts stages of one metric into one chart, losses first, gaps kept', () => {
    const charts = metricCharts(
      [
        series('teacher', 'train/learningRate'),
        series('teacher', 'train/loss'),
        series('distill', 'train/loss'),
      ],
      'inhibitor',
      colours(false),
    );
    expect(charts.map((chart) => chart.name)).toEqual(['train/loss', 'train/learningRate']);
    expect(charts[0]?.series.map((one) => one.colour)).toEqual([
      colours(false).teacher,
      colours(false).inhibitor,
    ]);
    expect(charts[0]?.series[0]?.points[0]).toEqual({ x: 1, y: null });
  });
  it('leaves out what has one value per stage: that is no curve', () => {
    const one = { ...series('evaluate-student', 'test/f1'), points: [{ step: 0, value: 0.8 }] };
    expect(metricCharts([one], 'dot', colours(false))).toEqual([]);
  });
  it.each([
    ['train/learningRate', 'Train: learning rate'],
    ['align/gradientNorm', 'Align: gradient norm'],
    ['loss', 'Loss'],
  ])('%s is called %s', (name, title) => expect(metricTitle(name)).toBe(title));
});
