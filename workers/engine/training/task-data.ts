// The training split of a task as encoded batches, by step.
import { StillwattError } from '@stillwatt/contracts';
import { type Batch, createBatch, encodeExamples } from '../data/batch.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Model } from '../models/model.ts';
import { loadTokenizer } from '../models/tokenizer.ts';
import { batchOrder } from './order.ts';

export interface TrainingData {
  readonly truncated: number;
  readonly stepsPerEpoch: number;
  /** Batch of a step with the indices of its examples; epochs follow each other. */
  batch(step: number): { batch: Batch; indices: readonly number[]; epoch: number };
}

/** Encodes the training split. DATA_INVALID where it is empty. */
export function prepareTraining(
  model: Model,
  dataset: Dataset,
  options: { batchSize: number; maxLength: number },
  seed: number,
): TrainingData {
  const { config, tokenizerJson } = model;
  const maxLength = Math.min(options.maxLength, config.positions);
  const tokenizer = loadTokenizer(tokenizerJson, config.vocabulary);
  if (dataset.splits.train.length === 0) {
    throw new StillwattError('DATA_INVALID', 'the training split is empty', {
      fix: 'Give the data set rows for training.',
    });
  }
  const { examples, truncated } = encodeExamples(tokenizer, dataset.splits.train, maxLength);
  const lengths = examples.map(({ ids }) => ids.length);
  const stepsPerEpoch = Math.ceil(examples.length / options.batchSize);
  let cached: { epoch: number; batches: number[][] } | null = null;
  return {
    truncated,
    stepsPerEpoch,
    batch(step) {
      const epoch = Math.floor(step / stepsPerEpoch);
      if (cached?.epoch !== epoch) {
        cached = { epoch, batches: batchOrder(lengths, options.batchSize, seed, epoch) };
      }
      const indices = cached.batches[step % stepsPerEpoch]!;
      return { batch: createBatch(examples, indices, config.padTokenId), indices, epoch };
    },
  };
}

/** Steps of a (fractional) number of epochs, at least one, at most `maxSteps`. */
export function countSteps(epochs: number, stepsPerEpoch: number, maxSteps?: number): number {
  return Math.max(1, Math.min(Math.round(epochs * stepsPerEpoch), maxSteps ?? Infinity));
}
