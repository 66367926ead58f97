'use client';
// The hero of a comparison: accuracy against what it costs, with intervals and the front.
import type { RunDetail } from '@stillwatt/contracts';
import { useMemo } from 'react';
import { ChartEmpty, ChartFrame } from '../../ui/chart/frame.tsx';
import { colours } from '../../ui/chart/palette.ts';
import type { ChartSpec } from '../../ui/chart/series.ts';
import { formatBytes, formatFixed, formatMs, thin } from '../../ui/format.ts';
import { useDark } from '../../ui/theme.ts';
import { type CostAxis, costSeries } from './prepare.ts';

const words = {
  latency: { title: 'Accuracy and latency', x: 'p95 latency (ms)' },
  size: { title: 'Accuracy and size', x: 'Size of the weights (MB)' },
} as const;

export function CostChart({
  runs,
  axis,
}: {
  runs: readonly Pick<RunDetail, 'models' | 'state'>[];
  axis: CostAxis;
}) {
  const dark = useDark();
  const spec = useMemo(
    (): ChartSpec => ({
      title: words[axis].title,
      xTitle: words[axis].x,
      yTitle: 'Accuracy (%)',
      kind: 'points',
      series: costSeries(runs, axis, colours(dark)),
      formatX: (x) => (axis === 'latency' ? formatMs(x) : formatBytes(x * 1e6)),
      formatY: (y) => `${formatFixed(y, 1)}${thin}%`,
    }),
    [runs, axis, dark],
  );
  if (spec.series.length === 0) {
    return (
      <ChartEmpty title={spec.title}>
        A point for each model will stand here once it is evaluated and profiled.
      </ChartEmpty>
    );
  }
  return (
    <ChartFrame
      spec={spec}
      height={320}
      note={`Up is more accurate, left costs less: the best models lie at the upper left${spec.series.some(({ line }) => line) ? ', on the dashed front' : ''}. Whiskers are 95 % intervals from the number of examples.`}
    />
  );
}
