// A comparison: figures against the baseline, points with intervals, the front, spec rows that differ and those that do not.
import type { ModelRole, ModelRow, RunDetail, RunSpec } from '@stillwatt/contracts';
import { proportionDifference } from '@stillwatt/statistics';
import type { Colours } from '../../ui/chart/palette.ts';
import type { ChartPoint, ChartSeries } from '../../ui/chart/series.ts';
import {
  decimalsFor,
  formatBytes,
  formatDifference,
  formatJoules,
  formatMs,
  formatRatio,
  formatSi,
  formatSignificant,
  shareDecimals,
} from '../../ui/format.ts';
import { accuracyText, figures, type Figures, missing } from '../runs/prepare.ts';

export interface FigureRow {
  label: string;
  cells: { text: string | null; reason: string; difference: string | null }[];
}

/** Figures of one role's model in each run; the first run is the baseline. */
export function figureRows(runs: readonly RunDetail[], role: ModelRole): FigureRow[] {
  const models = runs.map((run) => run.models.find((model) => model.role === role) ?? null);
  const all = models.map((model, i) => figures(model, runs[i]?.state ?? 'succeeded'));
  const ratio = (
    label: string,
    get: (model: ModelRow | null, shown: Figures) => number | null,
    format: (value: number) => string,
    part: string,
  ): FigureRow => {
    const values = models.map((model, i) => {
      const shown = all[i];
      return shown === undefined ? null : get(model, shown);
    });
    const base = values[0] ?? null;
    return {
      label,
      cells: values.map((value, i) => ({
        text: value === null ? null : format(value),
        reason: missing(part, runs[i]?.state ?? 'succeeded'),
        difference: i === 0 || value === null || base === null ? null : against(value, base),
      })),
    };
  };
  return [
    accuracyRow(all),
    {
      label: 'Energy per inference',
      cells: all.map(({ energy }) => ({
        text: energy.value === null ? null : formatJoules(energy.value),
        reason: energy.reason ?? 'not measured',
        difference: null,
      })),
    },
    ratio('p50 latency', (_, { p95Ms }) => p95Ms.window?.p50Ms ?? null, formatMs, 'profiling'),
    ratio('p95 latency', (_, { p95Ms }) => p95Ms.value, formatMs, 'profiling'),
    ratio(
      'Texts per second',
      (_, { p95Ms }) => p95Ms.window?.throughputPerSecond ?? null,
      formatSignificant,
      'profiling',
    ),
    ratio('Size', (model) => model?.sizeBytes ?? null, formatBytes, 'the model'),
    ratio(
      'Parameters',
      (model) => model?.parameters ?? null,
      (n) => formatSi(n, ''),
      'the model',
    ),
    ratio('Peak memory', (model) => model?.peakRssBytes ?? null, formatBytes, 'profiling'),
  ];
}

function against(value: number, base: number): string {
  return value === base ? 'equal' : formatRatio(value, base);
}

function accuracyRow(all: readonly Figures[]): FigureRow {
  return {
    label: 'Accuracy (95 %)',
    cells: all.map(({ accuracy }, i) => ({
      text: accuracyText(accuracy),
      reason: accuracy.reason,
      difference: i === 0 ? null : pointsAgainst(accuracy, all[0]?.accuracy),
    })),
  };
}

/** `−2.0 points (−5.4 to +1.4)`: the difference with its 95 % interval from the numbers of examples. */
function pointsAgainst(
  { value, n }: Figures['accuracy'],
  base: Figures['accuracy'] | undefined,
): string | null {
  if (value === null || base === undefined || base.value === null) return null;
  const points = (share: number, digits: number) => formatDifference(share * 100, digits);
  const difference = value - base.value;
  const said = (digits: number) =>
    difference === 0 ? 'equal' : `${points(difference, digits)} points`;
  if (!n || !base.n) return said(shareDecimals(value, n));
  const { low, high } = proportionDifference(value, n, base.value, base.n);
  const digits = decimalsFor((high - low) * 50);
  return `${said(digits)} (${points(low, digits)} to ${points(high, digits)})`;
}

export type CostAxis = 'latency' | 'size';

/** Every evaluated model of the runs as a point: series by attention and precision, teachers grey, the front a line. */
export function costSeries(
  runs: readonly Pick<RunDetail, 'models' | 'state'>[],
  axis: CostAxis,
  colours: Colours,
): ChartSeries[] {
  const groups = new Map<
    string,
    { colour: string; shape: 'circle' | 'diamond'; points: ChartPoint[] }
  >();
  const seen = new Set<string>();
  for (const run of runs) {
    for (const model of run.models) {
      const shown = figures(model, run.state);
      const cost = axis === 'latency' ? shown.p95Ms.value : model.sizeBytes / 1e6;
      const { value, low, high } = shown.accuracy;
      if (value === null || cost === null) continue;
      // Runs of a sweep share their teacher: one point for all.
      const identity = `${model.role} ${model.digest} ${value} ${cost}`;
      if (model.role === 'teacher' && seen.has(identity)) continue;
      seen.add(identity);
      const teacher = model.role === 'teacher';
      const name = teacher ? 'teacher f32' : `${model.attention} ${model.precision}`;
      const group = groups.get(name) ?? {
        colour: teacher ? colours.teacher : colours[model.attention],
        shape: model.precision === 'int8' ? 'diamond' : 'circle',
        points: [],
      };
      group.points.push({ x: cost, y: value * 100, low: percent(low), high: percent(high) });
      groups.set(name, group);
    }
  }
  const series = [...groups].map(([name, group]): ChartSeries => ({ name, ...group }));
  const best = front(series.flatMap((one) => one.points));
  if (best.length < 2) return series;
  return [
    ...series,
    { name: 'Pareto front', colour: colours.quiet, dashed: true, line: true, points: best },
  ];
}

function percent(share: number | null): number | null {
  return share === null ? null : share * 100;
}

/** Points that no other point beats in both: less cost and more accuracy. By rising cost. */
export function front(points: readonly ChartPoint[]): ChartPoint[] {
  const byCost = points
    .filter((point) => point.y !== null)
    .sort((a, b) => a.x - b.x || (b.y ?? 0) - (a.y ?? 0));
  let top = -Infinity;
  return byCost.flatMap(({ x, y }) => {
    if (y === null || y <= top) return [];
    top = y;
    return [{ x, y }];
  });
}

/** Every spec path of a run with its value in words. */
export function flatSpec(spec: RunSpec): [path: string, text: string][] {
  const flat: [string, string][] = [];
  const walk = (value: unknown, path: string) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value))
        walk(inner, path === '' ? key : `${path}.${key}`);
    } else flat.push([path, valueText(value)]);
  };
  walk(spec, '');
  return flat;
}

export function valueText(value: unknown): string {
  if (value === undefined || value === null) return 'not set';
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `ids` with `id` in front: the baseline. */
export function withBaseline(ids: readonly string[], id: string): string[] {
  return [id, ...ids.filter((one) => one !== id)];
}
