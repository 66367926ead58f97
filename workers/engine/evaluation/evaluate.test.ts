import { describe, expect, test } from 'vitest';
import { backends } from '../backends/conformance/backends.ts';
import { expectCode } from '../test-support/expect-error.ts';
import { tinyDataset, tinyModel } from '../test-support/tiny-model.ts';
import { evaluateModel } from './evaluate.ts';

const dataset = tinyDataset(32);
const settings = { dataset, split: 'test', batchSize: 4, maxLength: 16 } as const;

describe.each(backends)('%s', (_, backend) => {
  test.each([NaN, Infinity])(
    'a model that answers no number has no metrics (a weight is %d)',
    async (weight) => {
      const model = tinyModel();
      const { shape } = model.weights.get('head.bias')!;
      const values = Float32Array.of(weight, 0);
      const broken = new Map([...model.weights, ['head.bias', { shape, values }]] as const);
      const before = backend.tensorCount();
      await expectCode(
        () => evaluateModel({ ...settings, backend, model: { ...model, weights: broken } }),
        'MODEL_INVALID',
        /NaN/,
      );
      expect(backend.tensorCount()).toBe(before);
    },
  );

  test('a model of another task and an empty split are refused', async () => {
    const model = tinyModel({ labels: ['negative', 'neutral', 'positive'] });
    await expectCode(
      () => evaluateModel({ ...settings, backend, model }),
      'INPUT_INVALID',
      /answers negative, neutral, positive, the task asks negative, positive/,
    );
    const empty = { ...dataset, splits: { ...dataset.splits, test: [] } };
    await expectCode(
      () => evaluateModel({ ...settings, backend, model: tinyModel(), dataset: empty }),
      'DATA_INVALID',
    );
  });
});
