// The table a finished experiment ends with: one model per row, its latencies under it.
import type { Latency, ModelRow, RunRow } from '@stillwatt/contracts';
import { type Column, renderColumns } from './columns.ts';
import {
  firstLine,
  formatBytes,
  formatShare,
  formatSi,
  formatSignificant,
  notMeasured,
} from './format.ts';

/** Metrics that are shares; others (MCC, Pearson) are plain numbers. */
const shares = new Set(['accuracy', 'f1']);
const titles: Record<string, string> = { accuracy: 'accuracy', f1: 'F1', mcc: 'MCC' };
/** The attention is a column of its own, so this value of a cell is not shown twice. */
const attentionPath = 'student.attention';

interface Entry {
  model: ModelRow;
  run: RunRow;
}

/** Text of the table and its notes, at most `width` cells wide. */
export function renderResults(runs: readonly RunRow[], width = 120): string {
  const entries = distinctModels(runs);
  const metrics = metricNames(entries);
  const cells = [...new Set(runs.flatMap(({ cell }) => Object.keys(cell)))].filter(
    (path) => path !== attentionPath,
  );
  const hasSeeds = new Set(runs.map(({ seed }) => seed)).size > 1;
  const hasBatches = latencies(entries).some(({ batch }) => batch !== 1);
  const notes = new Set<string>();
  const reused = new Set<string>();

  const columns: Column[] = [
    { title: 'model', align: 'left', key: true },
    { title: 'attention', align: 'left', key: true },
    { title: 'precision', align: 'left', key: true },
    ...cells.map((path) => left(path.split('.').at(-1) ?? path)),
    ...(hasSeeds ? [right('seed')] : []),
    ...metrics.map((name) => right(titles[name] ?? name)),
    right('n'),
    right('size'),
    right('tokens'),
    ...(hasBatches ? [right('batch')] : []),
    ...['p50 ms', 'p95 ms', 'texts/s', 'energy/text'].map(right),
  ];

  const rows = entries.flatMap((entry) => {
    const { model, run } = entry;
    const own = [
      model.role,
      model.attention,
      model.precision,
      ...cells.map((path) => String(run.cell[path] ?? '')),
      ...(hasSeeds ? [String(run.seed)] : []),
      ...metrics.map((name) => metricText(name, model.metrics?.[name])),
      model.n === null ? notMeasured : String(model.n),
      formatBytes(model.sizeBytes),
    ];
    if (model.profiledBy) reused.add(model.profiledBy);
    const measured = model.latency ?? [];
    if (measured.length === 0)
      return [[...own, ...Array<string>(hasBatches ? 6 : 5).fill(notMeasured)]];
    return measured.map((latency, index) => [
      ...(index === 0 ? own : own.map(() => '')),
      ...latencyCells(latency, hasBatches, notes),
    ]);
  });

  if (reused.size > 0) notes.add(`Latencies measured by earlier runs: ${[...reused].join(', ')}`);
  for (const run of runs) {
    if (run.error) notes.add(`${run.id} failed: ${firstLine(run.error.message)}`);
  }
  const lines = [...notes].map((note) => `  ${note}`);
  if (rows.length === 0) return `No model was finished.\n${lines.join('\n')}`;
  return [renderColumns(columns, rows, width), ...lines].join('\n');
}

function latencyCells(latency: Latency, hasBatches: boolean, notes: Set<string>): string[] {
  const { value, reason, method } = latency.energyPerInference;
  if (value === null) notes.add(`${notMeasured} energy: ${reason ?? 'no reason was given'}`);
  else notes.add(`Energy by ${method ?? 'an unnamed method'}.`);
  return [
    String(latency.length),
    ...(hasBatches ? [String(latency.batch)] : []),
    formatSignificant(latency.p50Ms),
    formatSignificant(latency.p95Ms),
    formatSignificant(latency.throughputPerSecond),
    value === null ? notMeasured : formatSi(value, 'J'),
  ];
}

/** Teacher first, then student beside its quantized form; a model that several runs share once. */
export function distinctModels(runs: readonly RunRow[]): Entry[] {
  const seen = new Set<string>();
  const order = ['teacher', 'student', 'quantized'];
  const entries = runs.flatMap((run) => run.models.map((model) => ({ model, run })));
  const teachers = entries.filter(({ model }) => model.role === 'teacher');
  const others = entries.filter(({ model }) => model.role !== 'teacher');
  const sorted = runs.flatMap((run) =>
    others
      .filter((entry) => entry.run.id === run.id)
      .sort((a, b) => order.indexOf(a.model.role) - order.indexOf(b.model.role)),
  );
  return [...teachers, ...sorted].filter(({ model }) => {
    if (model.role !== 'teacher') return true;
    if (seen.has(model.digest)) return false;
    seen.add(model.digest);
    return true;
  });
}

function metricNames(entries: readonly Entry[]): string[] {
  const names = new Set(entries.flatMap(({ model }) => Object.keys(model.metrics ?? {})));
  if (names.size === 0) names.add('accuracy');
  return ['accuracy', 'f1', ...names].filter(
    (name, index, all) => names.has(name) && all.indexOf(name) === index,
  );
}

function metricText(name: string, value: number | undefined): string {
  if (value === undefined) return notMeasured;
  return shares.has(name) ? formatShare(value) : formatSignificant(value);
}

function latencies(entries: readonly Entry[]): Latency[] {
  return entries.flatMap(({ model }) => model.latency ?? []);
}

function left(title: string): Column {
  return { title, align: 'left' };
}

function right(title: string): Column {
  return { title, align: 'right' };
}
