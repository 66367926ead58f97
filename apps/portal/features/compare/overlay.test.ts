import type { MetricSeries, RunDetail } from '@stillwatt/contracts';
import { expect, it } from 'vitest';
import { colours } from '../../ui/chart/palette.ts';
import { curveNames, overlay } from './overlay.ts';

const series = (stage: string, name: string): MetricSeries => ({
  stage,
  name,
  points: [
    { step: 1, value: 2 },
    { step: 2, value: 1 },
  ],
});
const run = (attention: string, seed: number) =>
  ({ experiment: 'a', cell: {}, seed, attention }) as unknown as RunDetail;

it('puts the losses of the student first', () => {
  const names = curveNames([
    [
      series('teacher', 'train/loss'),
      series('distill', 'align/context'),
      series('distill', 'train/loss'),
    ],
  ]);
  expect(names).toEqual(['distill train/loss', 'distill align/context', 'teacher train/loss']);
});

it('colours by attention, tells equal names apart and skips runs without the curve', () => {
  const curve = [series('distill', 'train/loss')];
  const drawn = overlay(
    [run('dot', 1), run('dot', 1), run('inhibitor', 1), run('dot', 2)],
    [curve, curve, curve, []],
    'distill train/loss',
    colours(false),
  );
  expect(drawn.map(({ name, colour, dashed }) => [name, colour, dashed])).toEqual([
    ['a · seed 1', colours(false).dot, false],
    ['a · seed 1 (2)', colours(false).dot, true],
    ['a · seed 1 (3)', colours(false).inhibitor, false],
  ]);
});
