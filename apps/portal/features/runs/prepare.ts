// How a run is named, which of its models speaks for it, and which of its figures are shown.
import type { Latency, Measured, ModelRow, RunRow, RunState } from '@stillwatt/contracts';
import { proportionInterval } from '@stillwatt/statistics';
import { formatShare, formatUncertain } from '../../ui/format.ts';

/** `student.attention` → `attention`. */
export function lastKey(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

/** What the sweep set for this run: `inhibitor, layers 3`; a word speaks for itself, a number needs its key. */
export function cellText(cell: RunRow['cell']): string {
  return Object.entries(cell)
    .map(([path, value]) => (typeof value === 'string' ? value : `${lastKey(path)} ${value}`))
    .join(', ');
}

/** The name of a run in one line: `demo · inhibitor · seed 1`. */
export function runName(run: Pick<RunRow, 'experiment' | 'cell' | 'seed'>): string {
  const cell = cellText(run.cell);
  return [run.experiment, ...(cell === '' ? [] : [cell]), `seed ${run.seed}`].join(' · ');
}

/** Who asked for a run or a sweep, after “by”. */
export function requester({
  requestedBy,
  schedule,
}: Pick<RunRow, 'requestedBy' | 'schedule'>): string {
  if (requestedBy !== null) return requestedBy.name;
  if (schedule === null) return 'an API key';
  return schedule.name === null ? 'a removed schedule' : `the schedule ${schedule.name}`;
}

const spokesmen = ['quantized', 'student', 'teacher'] as const;

/** The model that speaks for a run: the smallest one made so far; a teacher never, it was given. */
export function headline(models: readonly ModelRow[]): ModelRow | null {
  const found = spokesmen.map((role) => models.find((model) => model.role === role));
  return found.find((model) => model !== undefined && model.role !== 'teacher') ?? null;
}

/** The window that stands for latency: one text at a time, the longest length. */
export function headlineLatency(windows: readonly Latency[] | null): Latency | null {
  if (windows === null) return null;
  const single = windows.filter((window) => window.batch === 1);
  const among = single.length > 0 ? single : windows;
  return [...among].sort((a, b) => b.length - a.length)[0] ?? null;
}

/** A figure that may not be there yet; then it says why. */
export interface Figure {
  value: number | null;
  reason: string;
}

export interface Figures {
  accuracy: Figure & { n: number | null; low: number | null; high: number | null };
  p95Ms: Figure & { window: Latency | null };
  energy: Measured;
  sizeBytes: Figure;
}

/** The four figures of a model; what is missing says why, by the state of its run. */
export function figures(model: ModelRow | null, state: RunState): Figures {
  const accuracy = model?.metrics?.accuracy ?? null;
  const n = model?.n ?? null;
  const interval =
    accuracy !== null && n !== null && n > 0 ? proportionInterval(accuracy, n) : null;
  const window = headlineLatency(model?.latency ?? null);
  return {
    accuracy: {
      value: accuracy,
      n,
      low: interval?.low ?? null,
      high: interval?.high ?? null,
      reason: missing('evaluation', state),
    },
    p95Ms: { value: window?.p95Ms ?? null, window, reason: missing('profiling', state) },
    energy: window?.energyPerInference ?? {
      value: null,
      reason: missing('profiling', state),
      method: null,
    },
    sizeBytes: { value: model?.sizeBytes ?? null, reason: missing('the model', state) },
  };
}

/** `84.7 ± 2.1 %`, or without an interval `84.7 %`; null where it was not measured. */
export function accuracyText({ value, n, low, high }: Figures['accuracy']): string | null {
  if (value === null) return null;
  if (low === null || high === null) return formatShare(value, n);
  return formatUncertain(value * 100, (high - low) * 50, '%');
}

/** Why a figure of `part` is not there. */
export function missing(part: string, state: RunState): string {
  switch (state) {
    case 'queued':
      return `${part} waits: the run has not started`;
    case 'running':
      return `${part} has not finished yet`;
    case 'failed':
      return `the run failed before ${part}`;
    case 'cancelled':
      return `the run was cancelled before ${part}`;
    case 'succeeded':
      return `${part} left no figure`;
  }
}

/** The next selection after a click or key on `id`; with `range` all rows between the anchor and it. */
export function select(
  ids: readonly string[],
  chosen: ReadonlySet<string>,
  id: string,
  anchor: string | null,
  range: boolean,
): Set<string> {
  const next = new Set(chosen);
  const [from, to] = [anchor === null ? -1 : ids.indexOf(anchor), ids.indexOf(id)];
  if (range && from >= 0 && to >= 0) {
    for (const one of ids.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(one);
  } else if (!next.delete(id)) {
    next.add(id);
  }
  return next;
}
