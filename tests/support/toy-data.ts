// Toy data folders: sentences of the little language, as a custom TSV or as GLUE's SST-2.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from './random.ts';
import { toySentence } from './toy-words.ts';

export interface ToyDataOptions {
  /** Rows of the training split; the others have a quarter each. */
  rows?: number;
  seed?: number;
  /** custom: train, validation, test with header text, label; sst2: train, dev with GLUE's header. */
  task?: 'custom' | 'sst2';
}

/** The schema of a custom toy folder, for `data.schema`. */
export const toySchema = {
  format: 'tsv',
  text: 'text',
  label: 'label',
  labels: ['negative', 'positive'],
} as const;

/** Writes the split files; no sentence comes twice. Use the folder as `dir:<folder>`. */
export function writeToyData(folder: string, options: ToyDataOptions = {}): void {
  const { rows = 256, seed = 1, task = 'custom' } = options;
  mkdirSync(folder, { recursive: true });
  const random = seededRandom(seed);
  const seen = new Set<string>();
  const sentences = (count: number): [text: string, isPositive: boolean][] =>
    Array.from({ length: count }, (_, index) => {
      const isPositive = index % 2 === 0;
      let text = toySentence(isPositive, random);
      while (seen.has(text)) text = toySentence(isPositive, random);
      seen.add(text);
      return [text, isPositive];
    });
  const write = (name: string, header: string, count: number): void => {
    const lines = sentences(count).map(([text, isPositive]) => {
      const label = task === 'sst2' ? Number(isPositive) : toySchema.labels[Number(isPositive)];
      return `${text}\t${label}\n`;
    });
    writeFileSync(join(folder, `${name}.tsv`), header + lines.join(''));
  };
  const others = Math.ceil(rows / 4);
  if (task === 'sst2') {
    write('train', 'sentence\tlabel\n', rows);
    write('dev', 'sentence\tlabel\n', others);
  } else {
    write('train', 'text\tlabel\n', rows);
    write('validation', 'text\tlabel\n', others);
    write('test', 'text\tlabel\n', others);
  }
}
