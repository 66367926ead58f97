// Stage data: files of a source → a checked data set.
import { countRows, limitDataset, parseTask, serialiseDataset } from '@stillwatt/engine';
import type { RunStage } from '../context.ts';
import { maxDataBytes, openSource, readSourceFile } from '../sources.ts';
import { noBackend } from '../runtime.ts';

const defaultSource = 'pypi:vaderSentiment@0.5';
const snippetsFile = 'movieReviewSnippets_GroundTruth.txt';
const splits = ['train', 'validation', 'test'];

const count = (rows: Readonly<Record<string, number>>): string =>
  Object.entries(rows)
    .map(([name, n]) => `${n} ${name}`)
    .join(', ') || 'none';

export const runData: RunStage<'data'> = async ({ config, cache, events }) => {
  const { task, schema, limit, source = defaultSource } = config.data;
  const folder = await openSource(source, cache);
  events.print({ type: 'phase', phase: 'reading' });
  const names =
    task === 'movie-snippets'
      ? [snippetsFile]
      : task === 'sst2'
        ? ['train.tsv', 'dev.tsv']
        : splits.map((split) => `${split}.${schema?.format ?? 'tsv'}`);
  const files = new Map<string, Uint8Array>();
  for (const name of names) {
    const bounds = { maxBytes: maxDataBytes, tooLarge: 'DATA_INVALID' } as const;
    files.set(name, await readSourceFile(folder, name, bounds));
  }
  events.print({ type: 'phase', phase: 'checking' });
  const dataset = limitDataset(parseTask({ task, schema, files }), limit);
  events.log('info', `${task}: ${count(countRows(dataset))}; left out: ${count(dataset.dropped)}`);
  return {
    kind: 'dataset',
    files: serialiseDataset(dataset),
    summary: {
      rows: countRows(dataset),
      droppedRows: { ...dataset.dropped },
      labels: [...dataset.labels],
    },
    runtime: noBackend,
  };
};
