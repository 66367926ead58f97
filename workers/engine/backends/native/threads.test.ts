// The native backend trains to the same bits with any number of threads.
import { expect, test } from 'vitest';
import { inhibitor, tinyDataset, tinyModel } from '../../test-support/tiny-model.ts';
import { trainTeacher } from '../../training/teacher.ts';
import { openBackend } from '../open-backend.ts';

const options = {
  epochs: 1,
  batchSize: 32,
  learningRate: 3e-3,
  schedule: 'linear',
  warmup: 0.1,
  weightDecay: 0.01,
  maxGradNorm: 1,
  dropout: 0.1,
  maxLength: 16,
  embeddings: 'trained',
} as const;
const shape = { labels: null, hidden: 96, heads: 3, intermediate: 200 };

test.each([{ kind: 'dot' } as const, inhibitor])('$kind', async (attention) => {
  const model = tinyModel({ ...shape, attention });
  const trained = await Promise.all(
    [1, 2, 3].map(async (threads) => {
      const backend = await openBackend('native', { threads });
      return trainTeacher({ backend, model, dataset: tinyDataset(192), options, seed: 3 });
    }),
  );
  expect(trained[0]!.model.weights).not.toEqual(model.weights);
  for (const other of trained) expect(other.model.weights).toEqual(trained[0]!.model.weights);
});
