// A user's own classification task: train, validation and test as TSV with a header, or as JSONL.
import { StillwattError } from '@stillwatt/contracts';
import { type Dataset, type Example, type SplitName, splitNames } from '../data/dataset.ts';
import { dropLeaks } from './leaks.ts';
import { decodeText, invalidRow, readLines, readRows } from './rows.ts';
import { takeFile } from './take-file.ts';

export interface CustomSchema {
  readonly format: 'tsv' | 'jsonl';
  /** Names of columns (TSV) or keys (JSONL). */
  readonly text: string;
  readonly textPair?: string | undefined;
  readonly label: string;
  /** Every label, in order of its index. */
  readonly labels: readonly string[];
}

/** From `<split>.tsv` or `<split>.jsonl`. DATA_INVALID with file and row; SOURCE_MISSING for a file. */
export function parseCustom(files: ReadonlyMap<string, Uint8Array>, schema: CustomSchema): Dataset {
  const indices = new Map(schema.labels.map((label, index) => [label, index]));
  const splits: Record<SplitName, Example[]> = { train: [], validation: [], test: [] };
  for (const split of splitNames) {
    const name = `${split}.${schema.format}`;
    const text = decodeText(takeFile(files, name), name);
    const records = schema.format === 'tsv' ? readTsv(text, name) : readJsonl(text, name);
    splits[split] = records.map((record) => toExample(record, schema, indices));
  }
  const { labels } = schema;
  const { splits: kept, dropped } = dropLeaks(splits);
  return {
    task: 'custom',
    kind: 'classification',
    labels,
    splits: kept,
    dropped: dropped > 0 ? { 'in two splits': dropped } : {},
  };
}

interface TextRecord {
  readonly fields: ReadonlyMap<string, string>;
  readonly path: string;
}

function readTsv(text: string, file: string): TextRecord[] {
  const header = readLines(text)[0]?.split('\t') ?? [];
  if (new Set(header).size !== header.length) {
    throw invalidRow('a column name comes twice', `${file}:1`);
  }
  return readRows(text, file, header.length, 1).map(({ columns, path }) => ({
    fields: new Map(header.map((name, index) => [name, columns[index] ?? ''])),
    path,
  }));
}

function readJsonl(text: string, file: string): TextRecord[] {
  return readLines(text).map((line, index) => {
    const path = `${file}:${index + 1}`;
    const value = parseLine(line, path);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw invalidRow('the line is not a JSON object', path);
    }
    const scalars = Object.entries(value).filter(([, field]) => isScalar(field));
    return { fields: new Map(scalars.map(([name, field]) => [name, String(field)])), path };
  });
}

function parseLine(line: string, path: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new StillwattError('DATA_INVALID', `${path}: the line is not JSON`, {
      path,
      fix: 'Write one JSON object per line.',
      cause,
    });
  }
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function toExample(
  { fields, path }: TextRecord,
  schema: CustomSchema,
  indices: ReadonlyMap<string, number>,
): Example {
  const take = (column: string): string => {
    const value = fields.get(column);
    if (value === undefined) {
      const known = [...fields.keys()].join(', ');
      throw invalidRow(`no column ${column}; there are ${known}`, path);
    }
    return value;
  };
  const text = take(schema.text);
  if (text.trim() === '') throw invalidRow('the text is empty', path);
  const label = indices.get(take(schema.label));
  if (label === undefined) {
    const message = `label ${take(schema.label)} is none of ${schema.labels.join(', ')}`;
    throw invalidRow(message, path);
  }
  return schema.textPair === undefined
    ? { text, label }
    : { text, pair: take(schema.textPair), label };
}
