// A data set in memory, and its artifact form: one JSONL file per split beside dataset.json.
import { StillwattError } from '@stillwatt/contracts';
import { z } from 'zod';

export const splitNames = ['train', 'validation', 'test'] as const;
export type SplitName = (typeof splitNames)[number];

/** One example: one text or a pair, and its label (class index, or the target of a regression). */
export interface Example {
  readonly text: string;
  readonly pair?: string;
  readonly label: number;
}

/** classification: label is an index into `labels`; regression: `labels` is empty, label a number. */
export interface Dataset {
  readonly task: string;
  readonly kind: 'classification' | 'regression';
  readonly labels: readonly string[];
  readonly splits: Readonly<Record<SplitName, readonly Example[]>>;
  /** Rows left out, by reason: `zero rating`, `duplicate`. */
  readonly dropped: Readonly<Record<string, number>>;
}

const rows = z.int().min(0);
const headerSchema = z.object({
  version: z.literal(1),
  task: z.string().min(1),
  kind: z.enum(['classification', 'regression']),
  labels: z.array(z.string()),
  rows: z.object({ train: rows, validation: rows, test: rows }),
  dropped: z.record(z.string(), rows),
});
type DatasetHeader = z.infer<typeof headerSchema>;

/** Number of rows of each split. */
export function countRows(dataset: Dataset): Record<SplitName, number> {
  const { train, validation, test } = dataset.splits;
  return { train: train.length, validation: validation.length, test: test.length };
}

/** The files of a data set artifact: `dataset.json` and one `<split>.jsonl` each. */
export function serialiseDataset(dataset: Dataset): Map<string, Uint8Array> {
  const { task, kind, labels, dropped } = dataset;
  const header: DatasetHeader = {
    version: 1,
    task,
    kind,
    labels: [...labels],
    rows: countRows(dataset),
    dropped,
  };
  const encoder = new TextEncoder();
  const files = new Map([['dataset.json', encoder.encode(`${JSON.stringify(header, null, 2)}\n`)]]);
  for (const split of splitNames) {
    const lines = dataset.splits[split].map((row) => `${JSON.stringify(row)}\n`);
    files.set(`${split}.jsonl`, encoder.encode(lines.join('')));
  }
  return files;
}

/** Reads the files of a data set artifact back. DATA_INVALID where a file is missing or a row is wrong. */
export function parseDataset(files: ReadonlyMap<string, Uint8Array>): Dataset {
  const header = readHeader(fileText(files, 'dataset.json'));
  const splits = {
    train: readSplit(files, 'train', header),
    validation: readSplit(files, 'validation', header),
    test: readSplit(files, 'test', header),
  };
  const { task, kind, labels, dropped } = header;
  return { task, kind, labels, splits, dropped };
}

function readHeader(text: string): DatasetHeader {
  const header = headerSchema.safeParse(parseJson(text, 'dataset.json'));
  if (header.success) return header.data;
  throw invalid('dataset.json is not a version 1 header', 'dataset.json');
}

function readSplit(
  files: ReadonlyMap<string, Uint8Array>,
  split: SplitName,
  header: DatasetHeader,
): Example[] {
  const name = `${split}.jsonl`;
  const lines = fileText(files, name).split('\n').slice(0, -1);
  if (lines.length !== header.rows[split]) {
    throw invalid(`${lines.length} rows where dataset.json says ${header.rows[split]}`, name);
  }
  return lines.map((line, index) => {
    const path = `${name}:${index + 1}`;
    const row = parseJson(line, path) as Partial<Example> | null;
    const { text, pair, label } = row ?? {};
    const isText = typeof text === 'string' && (pair === undefined || typeof pair === 'string');
    if (!isText || !isLabel(label, header)) {
      throw invalid('a row needs a text (or two) and a label of the task', path);
    }
    return pair === undefined ? { text, label } : { text, pair, label };
  });
}

function isLabel(label: unknown, header: DatasetHeader): label is number {
  if (typeof label !== 'number' || !Number.isFinite(label)) return false;
  if (header.kind === 'regression') return true;
  return Number.isInteger(label) && label >= 0 && label < header.labels.length;
}

function fileText(files: ReadonlyMap<string, Uint8Array>, name: string): string {
  const bytes = files.get(name);
  if (!bytes) throw invalid(`the data set has no file ${name}`, name);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalid('the file is not UTF-8', name);
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid('not JSON', path, cause);
  }
}

function invalid(message: string, path: string, cause?: unknown): StillwattError {
  return new StillwattError('DATA_INVALID', message, {
    path,
    fix: 'Run the data stage again; the artifact was not written by this version.',
    ...(cause === undefined ? {} : { cause }),
  });
}
