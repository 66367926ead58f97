// Training: it learns, a resumed run equals an undisturbed one bit for bit, errors have their codes.
import * as tf from '@tensorflow/tfjs-node';
import { expect, test } from 'vitest';
import { evaluateModel } from '../evaluation/evaluate.ts';
import type { Model } from '../models/model.ts';
import { expectCode } from '../test-support/expect-error.ts';
import { inhibitor, tinyDataset, tinyModel } from '../test-support/tiny-model.ts';
import { TrainableWeights } from './optimiser.ts';
import type { FinetuneOptions, TrainingHooks } from './options.ts';
import { trainTeacher } from './teacher.ts';

const options: FinetuneOptions = {
  epochs: 4,
  batchSize: 8,
  learningRate: 3e-3,
  schedule: 'linear',
  warmup: 0.1,
  weightDecay: 0.01,
  maxGradNorm: 1,
  dropout: 0.1,
  maxLength: 16,
};
const model = tinyModel({ labels: null });
const dataset = tinyDataset(128);
const run = (
  hooks: TrainingHooks = {},
  changed: Partial<FinetuneOptions> = {},
  of: Model = model,
) => trainTeacher({ model: of, dataset, options: { ...options, ...changed }, seed: 3, ...hooks });

test('it learns a task of one word', async () => {
  const changed = { epochs: 20, learningRate: 5e-3, dropout: 0, embeddings: 'trained' } as const;
  const { model: trained, steps } = await run({}, changed);
  expect(steps).toBe(160);
  const evaluation = await evaluateModel({
    model: trained,
    dataset,
    split: 'test',
    batchSize: 16,
    maxLength: 16,
  });
  expect(evaluation.n).toBe(32);
  expect(evaluation.metrics['accuracy']).toBeGreaterThan(0.9);
});

test.each(['frozen', 'trained'] as const)(
  'a run resumed from any checkpoint ends with the same weights (embeddings %s)',
  async (embeddings) => {
    const checkpoints: Uint8Array[] = [];
    const onCheckpoint = (bytes: Uint8Array): void => void checkpoints.push(bytes);
    const changed = { embeddings };
    const whole = await run({ onCheckpoint, checkpointEverySteps: 13 }, changed);
    expect(checkpoints).toHaveLength(3); // steps 13, 26 and the last, 32
    for (const resume of checkpoints) {
      const resumed = await run({ resume }, changed);
      expect(resumed.model.weights).toEqual(whole.model.weights);
      expect(resumed.loss).toBe(whole.loss);
    }
    // And without any interruption, twice the same.
    expect((await run({}, changed)).model.weights).toEqual(whole.model.weights);
    const word = 'embeddings.word';
    const isSame = whole.model.weights.get(word) === model.weights.get(word);
    expect(isSame).toBe(embeddings === 'frozen');
  },
);

test('the seed matters', async () => {
  const other = await trainTeacher({ model, dataset, options, seed: 4 });
  expect(other.model.weights).not.toEqual((await run()).model.weights);
});

test('a checkpoint of other options is refused', async () => {
  let checkpoint = new Uint8Array();
  await run({
    onCheckpoint: (bytes) => void (checkpoint = bytes.slice()),
    checkpointEverySteps: 100,
  });
  await expectCode(() => run({ resume: checkpoint }, { learningRate: 1e-3 }), 'INPUT_INVALID');
  await expectCode(
    () => run({ resume: checkpoint.subarray(0, 100) }),
    'MODEL_INVALID',
    /checkpoint/,
  );
});

test('divergence and cancellation have their codes, and nothing is left behind', async () => {
  const before = tf.memory().numTensors;
  await expectCode(() => run({}, { learningRate: 1e30, schedule: 'constant' }), 'DIVERGED', /step/);
  const controller = new AbortController();
  const onProgress = ({ step }: { step: number }): void => {
    if (step === 5) controller.abort();
  };
  await expectCode(() => run({ signal: controller.signal, onProgress }), 'CANCELLED');
  expect(tf.memory().numTensors).toBe(before);
});

test('300 steps leak nothing', async () => {
  const counts: number[] = [];
  const onProgress = ({ step }: { step: number }): void => {
    if (step % 50 === 0) counts.push(tf.memory().numTensors);
  };
  const small = tinyModel({ labels: null, attention: inhibitor });
  const before = tf.memory().numTensors;
  await run({ onProgress }, { epochs: 100, maxSteps: 300, embeddings: 'trained' }, small);
  expect(counts).toHaveLength(6);
  expect(new Set(counts).size).toBe(1);
  expect(tf.memory().numTensors).toBe(before);
});

test('one AdamW step equals the definition', () => {
  const small = tinyModel({ layers: 1 });
  const weights = new TrainableWeights(small, () => true);
  const name = 'head.weight';
  const start = small.weights.get(name)!.values as Float32Array;
  const gradient = Float32Array.from(start, (_, index) => Math.sin(index + 1));
  const [rate, decay, maxNorm] = [0.01, 0.1, 0.5];
  const expected = Float64Array.from(start);
  let [m, v] = [new Float64Array(start.length), new Float64Array(start.length)];
  const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
  for (let step = 1; step <= 3; step++) {
    const tensor = tf.tensor(gradient, [2, 16]);
    expect(weights.update(new Map([[name, tensor]]), step, rate, decay, maxNorm)).toBeCloseTo(
      norm,
      5,
    );
    m = m.map((value, at) => 0.9 * value + 0.1 * gradient[at]! * (maxNorm / norm));
    v = v.map((value, at) => 0.999 * value + 0.001 * (gradient[at]! * (maxNorm / norm)) ** 2);
    for (let at = 0; at < start.length; at++) {
      const corrected =
        m[at]! / (1 - 0.9 ** step) / (Math.sqrt(v[at]! / (1 - 0.999 ** step)) + 1e-8);
      expected[at] = expected[at]! * (1 - rate * decay) - rate * corrected;
    }
  }
  const got = weights.toModel(small).weights.get(name)!.values;
  for (const [at, value] of expected.entries()) expect(got[at]).toBeCloseTo(value, 6);
  // Biases do not decay, and what has no gradient stays.
  expect(weights.toModel(small).weights.get('head.bias')!.values).toEqual(
    small.weights.get('head.bias')!.values,
  );
  weights.dispose();
});
