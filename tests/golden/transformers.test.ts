// Python transformers loads our dot-product classifiers and answers the same logits.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluateModel, type Model, openBackend, saveModel } from '@stillwatt/engine';
import { tinyDataset, tinyModel } from '@stillwatt/engine/test-support';
import { describe, expect, test } from 'vitest';
import { python } from './env.ts';

const hasTransformers =
  spawnSync(python, ['-c', 'import torch, transformers'], { stdio: 'ignore' }).status === 0;

const models: [string, Model][] = [
  ['BERT', tinyModel()],
  ['DistilBERT', tinyModel({ family: 'distilbert', tokenTypes: 0 })],
];

describe.skipIf(!hasTransformers)('Python transformers (needs torch and transformers)', () => {
  test.each(models)('%s', async (_, model) => {
    const dataset = tinyDataset();
    const backend = await openBackend('tfjs', { threads: 1 });
    const input = { backend, dataset, split: 'test', batchSize: 4, maxLength: 16 } as const;
    const ours = await evaluateModel({ ...input, model });
    const { tokenizerJson } = model;
    const vocabulary = (
      JSON.parse(new TextDecoder().decode(tokenizerJson)) as {
        model: { vocab: Record<string, number> };
      }
    ).model.vocab;
    const ids = dataset.splits.test.map(({ text }) => [
      2,
      ...text.split(' ').map((word) => vocabulary[word]!),
      3,
    ]);
    const folder = mkdtempSync(join(tmpdir(), 'stillwatt-'));
    try {
      for (const [name, bytes] of saveModel(model)) writeFileSync(join(folder, name), bytes);
      const script = join(import.meta.dirname, 'read-classifier.py');
      const output = execFileSync(python, [script, folder], {
        input: JSON.stringify(ids),
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      const theirs = JSON.parse(output.toString()) as {
        logits: number[][];
        labels: Record<string, string>;
        mismatched: string[];
      };
      expect(theirs.mismatched).toEqual([]);
      expect(Object.values(theirs.labels)).toEqual(['negative', 'positive']);
      for (const [at, value] of theirs.logits.flat().entries()) {
        expect(Math.abs(ours.logits[at]! - value)).toBeLessThan(2e-5);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
