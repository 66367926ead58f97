// Curves of several runs of one metric: colour by attention, later runs of one attention dashed.
import type { MetricSeries, RunDetail } from '@stillwatt/contracts';
import type { Colours } from '../../ui/chart/palette.ts';
import type { ChartSeries } from '../../ui/chart/series.ts';
import { metricTitle } from '../run/prepare.ts';
import { runName } from '../runs/prepare.ts';

/** `distill train/loss`: stage and metric, the student's losses first; what has one value is no curve. */
export function curveNames(all: readonly (readonly MetricSeries[])[]): string[] {
  const curves = all.flat().filter(({ points }) => points.length > 1);
  const names = new Set(curves.map(({ stage, name }) => `${stage} ${name}`));
  return [...names].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** `distill train/loss` → `Distill, train: loss`. */
export function curveTitle(name: string): string {
  return metricTitle(name.replace(' ', ', '));
}

function rank(name: string): number {
  if (name.startsWith('distill') && name.endsWith('loss')) return 0;
  return name.startsWith('distill') ? 1 : 2;
}

/** One series per run that has the curve. */
export function overlay(
  runs: readonly RunDetail[],
  all: readonly (readonly MetricSeries[])[],
  name: string,
  colours: Colours,
): ChartSeries[] {
  const used: Record<string, number> = {};
  const names = new Map<string, number>();
  return runs.flatMap((run, index) => {
    const found = all[index]?.find((series) => `${series.stage} ${series.name}` === name);
    if (found === undefined) return [];
    const before = used[run.attention] ?? 0;
    used[run.attention] = before + 1;
    // Two runs of one name are told apart by their number: a legend entry stands for one series.
    const same = names.get(runName(run)) ?? 0;
    names.set(runName(run), same + 1);
    return [
      {
        name: same === 0 ? runName(run) : `${runName(run)} (${same + 1})`,
        colour:
          before < 2
            ? colours[run.attention]
            : (colours.others[(before - 2) % colours.others.length] ?? colours.quiet),
        dashed: before % 2 === 1,
        shape: 'none' as const,
        points: found.points.map(({ step, value }) => ({ x: step, y: value })),
      },
    ];
  });
}
