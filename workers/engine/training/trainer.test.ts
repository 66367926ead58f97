// Training: it learns, a resumed run equals an undisturbed one bit for bit, errors have their codes.
import { describe, expect, test } from 'vitest';
import { backends } from '../backends/conformance/backends.ts';
import { evaluateModel } from '../evaluation/evaluate.ts';
import type { Model } from '../models/model.ts';
import { quantizeModel } from '../quantization/quantize-model.ts';
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
describe.each(backends)('%s', (_backendName, backend) => {
  const run = (
    hooks: TrainingHooks = {},
    changed: Partial<FinetuneOptions> = {},
    of: Model = model,
  ) =>
    trainTeacher({
      backend,
      model: of,
      dataset,
      options: { ...options, ...changed },
      seed: 3,
      ...hooks,
    });

  test('it learns a task of one word', async () => {
    const changed = { epochs: 20, learningRate: 5e-3, dropout: 0, embeddings: 'trained' } as const;
    const { model: trained, steps } = await run({}, changed);
    expect(steps).toBe(160);
    const evaluation = await evaluateModel({
      backend,
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
    const other = await trainTeacher({ backend, model, dataset, options, seed: 4 });
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

  test('a quantized model is refused', async () => {
    const quantized = quantizeModel(tinyModel(), { granularity: 'per-channel' });
    await expectCode(() => run({}, {}, quantized), 'INPUT_INVALID', /quantized/);
  });

  test('divergence and cancellation have their codes, and nothing is left behind', async () => {
    const before = backend.tensorCount();
    await expectCode(
      () => run({}, { learningRate: 1e30, schedule: 'constant' }),
      'DIVERGED',
      /step/,
    );
    const controller = new AbortController();
    const onProgress = ({ step }: { step: number }): void => {
      if (step === 5) controller.abort();
    };
    await expectCode(() => run({ signal: controller.signal, onProgress }), 'CANCELLED');
    expect(backend.tensorCount()).toBe(before);
  });

  test('a cancelled training has its last step in a checkpoint, whenever the signal comes', async () => {
    for (const turns of [0, 1, 2]) {
      const controller = new AbortController();
      const later = (left: number): unknown =>
        left === 0 ? controller.abort() : setImmediate(() => later(left - 1));
      let [step, kept] = [0, 0];
      const hooks = {
        signal: controller.signal,
        checkpointEverySteps: 100,
        onProgress: (progress: { step: number }): void => {
          step = progress.step;
          if (step === 3) later(turns);
        },
        onCheckpoint: (_: Uint8Array, at: number): void => void (kept = at),
      };
      await expectCode(() => run(hooks), 'CANCELLED');
      expect(step).toBeGreaterThanOrEqual(3);
      expect(kept, `after ${turns} turns`).toBe(step);
    }
  });

  test('300 steps leak nothing', async () => {
    const counts: number[] = [];
    const onProgress = ({ step }: { step: number }): void => {
      if (step % 50 === 0) counts.push(backend.tensorCount());
    };
    const small = tinyModel({ labels: null, attention: inhibitor });
    const before = backend.tensorCount();
    await run({ onProgress }, { epochs: 100, maxSteps: 300, embeddings: 'trained' }, small);
    expect(counts).toHaveLength(6);
    expect(new Set(counts).size).toBe(1);
    expect(backend.tensorCount()).toBe(before);
  });

  test('what decays are the matrices alone', () => {
    const small = tinyModel({ layers: 1, attention: inhibitor });
    const weights = new TrainableWeights(backend, small, () => true);
    const gradients = new Map(
      [...small.weights].map(([name, { shape, values }]) => [
        name,
        backend.upload(new Float32Array(values.length), shape),
      ]),
    );
    weights.update(gradients, { step: 1, rate: 0.1, weightDecay: 0.5, maxNorm: 1 });
    const changed = [...weights.toModel(small).weights].filter(
      ([name, { values }]) => values[0] !== small.weights.get(name)!.values[0],
    );
    const matrices = ['qkv', 'out', 'up', 'down'].map((part) => `layer.0.${part}.weight`);
    expect(changed.map(([name]) => name)).toEqual([...matrices, 'pooler.weight', 'head.weight']);
    backend.dispose([...gradients.values()]);
    weights.dispose();
  });
});
