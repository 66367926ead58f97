// What the run page says: figures against the teacher, curves by metric, the failure on top.
import {
  type ErrorBody,
  isFinal,
  type MetricSeries,
  type ModelRow,
  type RunDetail,
} from '@stillwatt/contracts';
import {
  formatBytes,
  formatDifference,
  formatJoules,
  formatMs,
  formatRatio,
  shareDecimals,
} from '../../ui/format.ts';
import type { ChartSeries } from '../../ui/chart/series.ts';
import type { Colours } from '../../ui/chart/palette.ts';
import { accuracyText, figures, headline } from '../runs/prepare.ts';

/** One of the four figures of the header. */
export interface HeaderFigure {
  label: string;
  /** null: not measured, and why. */
  text: string | null;
  reason: string;
  /** Conditions and interval, in small. */
  detail: string | null;
  /** Against the baseline of the run, its teacher. */
  difference: string | null;
}

/** Accuracy, energy, p95 and size of the model that speaks for the run, against its teacher. */
export function headerFigures(run: Pick<RunDetail, 'models' | 'state'>): HeaderFigure[] {
  const shown = figures(headline(run.models), run.state);
  const teacher = figures(run.models.find((model) => model.role === 'teacher') ?? null, run.state);
  const { accuracy, p95Ms, sizeBytes, energy } = shown;
  const window = p95Ms.window;
  return [
    {
      label: 'Accuracy',
      text: accuracyText(accuracy),
      reason: accuracy.reason,
      detail:
        accuracy.n === null ? null : `95 % interval, n = ${accuracy.n.toLocaleString('en-US')}`,
      difference: pointsAgainst(accuracy.value, teacher.accuracy.value, accuracy.n),
    },
    {
      label: 'Energy per inference',
      text: energy.value === null ? null : formatJoules(energy.value),
      reason: energy.reason ?? 'not measured',
      detail: energy.value === null ? (energy.reason ?? null) : energy.method,
      difference: ratioAgainst(energy.value, teacher.energy.value),
    },
    {
      label: 'p95 latency',
      text: p95Ms.value === null ? null : formatMs(p95Ms.value),
      reason: p95Ms.reason,
      detail: window === null ? null : `${window.length} tokens, batch ${window.batch}`,
      difference: ratioAgainst(p95Ms.value, teacher.p95Ms.value),
    },
    {
      label: 'Size',
      text: sizeBytes.value === null ? null : formatBytes(sizeBytes.value),
      reason: sizeBytes.reason,
      detail: sizeBytes.value === null ? null : 'weights on disk',
      difference: ratioAgainst(sizeBytes.value, teacher.sizeBytes.value),
    },
  ];
}

function pointsAgainst(value: number | null, base: number | null, n: number | null): string | null {
  if (value === null || base === null) return null;
  if (value === base) return 'equal to the teacher’s';
  return `${formatDifference((value - base) * 100, shareDecimals(value, n))} points`;
}

function ratioAgainst(value: number | null, base: number | null): string | null {
  if (value === null || base === null) return null;
  return value === base ? 'equal to the teacher’s' : `${formatRatio(value, base)} the teacher’s`;
}

/** What stands on top of a failed run: the stage's own error says more than the run's. */
export function failure(run: RunDetail): { stage: string | null; error: ErrorBody } | null {
  if (run.state !== 'failed') return null;
  const stage = run.stages.find((one) => one.state === 'failed' && one.error !== null);
  const error = stage?.error ?? run.error;
  if (!error) return null;
  return { stage: stage?.name ?? null, error: { ...error, fix: error.fix ?? run.error?.fix } };
}

/** A chart of one metric over the stages that report it. */
export interface MetricChart {
  name: string;
  title: string;
  series: ChartSeries[];
}

/** Curves of one run grouped by metric: `train/loss` of teacher and student share a chart. */
export function metricCharts(
  series: readonly MetricSeries[],
  attention: 'dot' | 'inhibitor',
  colours: Colours,
): MetricChart[] {
  const charts = new Map<string, MetricChart>();
  // One value per stage is a figure, which the overview and the stage have, and no curve.
  const curves = new Set(series.flatMap(({ name, points }) => (points.length > 1 ? [name] : [])));
  for (const { stage, name, points } of series) {
    if (!curves.has(name)) continue;
    const chart = charts.get(name) ?? { name, title: metricTitle(name), series: [] };
    const ofTeacher = stage === 'teacher';
    chart.series.push({
      name: stage,
      colour: ofTeacher ? colours.teacher : colours[attention],
      shape: 'none',
      points: points.map(({ step, value }) => ({ x: step, y: value })),
    });
    charts.set(name, chart);
  }
  return [...charts.values()].sort((a, b) => rank(a.name) - rank(b.name));
}

/** Losses first: they say whether it runs well. Then their parts, then what steers them. */
function rank(name: string): number {
  if (name.endsWith('loss')) return 0;
  return ['gradientNorm', 'learningRate'].findIndex((end) => name.endsWith(end)) + 2;
}

/** `train/learningRate` → `Train: learning rate`. */
export function metricTitle(name: string): string {
  const [head = '', ...rest] = words(name).split('/');
  return capital(rest.length === 0 ? head : `${head}: ${rest.join(' ')}`);
}

/** The quantity alone, for an axis: `train/learningRate` → `Learning rate`. */
export function metricQuantity(name: string): string {
  return capital(words(name).split('/').at(-1) ?? name);
}

function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** May this run still be cancelled? */
export function mayCancel(run: Pick<RunDetail, 'state'>): boolean {
  return !isFinal(run.state);
}

const roleNames: Record<ModelRow['role'], string> = {
  teacher: 'Teacher',
  student: 'Student',
  quantized: 'Quantized student',
};

export function modelName(role: ModelRow['role']): string {
  return roleNames[role];
}

/** `84.7 ± 2.1 %` of one model for tables, or null. */
export function modelAccuracy(model: ModelRow, state: RunDetail['state']): string | null {
  return accuracyText(figures(model, state).accuracy);
}
