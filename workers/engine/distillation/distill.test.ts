import { describe, expect, test } from 'vitest';
import { backends } from '../backends/conformance/backends.ts';
import { expectCode } from '../test-support/expect-error.ts';
import { tinyDataset, tinyModel } from '../test-support/tiny-model.ts';
import { fitBeta } from './calibrate.ts';
import { distill } from './distill.ts';
import type { DistillInput, DistillOptions } from './options.ts';
import { alignmentTargets, chooseLayers, createStudent } from './student.ts';

const student = { layers: 3, attention: 'dot', init: 'teacher-layers' } as const;

describe('layers', () => {
  test('are evenly spaced or as listed, and compared with what the next one starts from', () => {
    expect(chooseLayers(6, student)).toEqual([0, 2, 4]);
    expect(chooseLayers(12, { ...student, layers: 5 })).toEqual([0, 2, 4, 7, 9]);
    expect(chooseLayers(6, { ...student, init: [0, 1, 5] })).toEqual([0, 1, 5]);
    expect(alignmentTargets([0, 2, 4], 6)).toEqual({ context: [0, 2, 4], hidden: [1, 3, 5] });
    expect(alignmentTargets([0, 1, 2], 3)).toEqual({ context: [0, 1, 2], hidden: [0, 1, 2] });
  });

  test.each([[[0, 2]], [[0, 2, 2]], [[0, 2, 6]]])('%j is refused', async (init) => {
    await expectCode(() => chooseLayers(6, { ...student, init }), 'SPEC_INVALID', /rising/);
  });

  test('are copied from the teacher', () => {
    const teacher = tinyModel({ layers: 6 });
    const made = createStudent(teacher, { ...student, attention: 'inhibitor' });
    expect(made.weights.get('layer.2.up.weight')).toBe(teacher.weights.get('layer.4.up.weight'));
    expect(made.weights.get('embeddings.word')).toBe(teacher.weights.get('embeddings.word'));
    expect(made.weights.get('layer.1.inhibitor.beta')!.values).toEqual(Float32Array.of(1, 1));
  });
});

test('β is the least-squares factor of each head', () => {
  const context = Float32Array.of(1, 2, 3, 4, 99, 99, 99, 99);
  const target = Float32Array.of(2, 4, 9, 12, 0, 0, 0, 0);
  const { beta, relativeError } = fitBeta(context, target, Int32Array.of(1), 2, 2, 2);
  expect([...beta]).toEqual([2, 3]);
  expect(relativeError).toBeCloseTo(0, 12);
});

const options: DistillOptions = {
  align: ['context', 'hidden'],
  alignEpochs: 2,
  alignLearningRate: 3e-3,
  then: 'logits',
  epochs: 2,
  learningRate: 1e-3,
  temperature: 2,
  taskWeight: 0.5,
  dropout: 0.1,
  maxLength: 16,
  batchSize: 8,
  schedule: 'linear',
  warmup: 0.1,
  weightDecay: 0.01,
  maxGradNorm: 1,
};
describe.each(backends)('%s', (_backendName, backend) => {
  const input: DistillInput = {
    backend,
    teacher: tinyModel({ layers: 4 }),
    dataset: tinyDataset(96),
    student: { ...student, layers: 2, attention: 'inhibitor' },
    calibrate: true,
    options,
    seed: 5,
  };

  test('alignment brings the student nearer, and a resume in either phase changes no bit', async () => {
    const checkpoints: Uint8Array[] = [];
    const losses: number[] = [];
    const phases = new Set<string>();
    const before = backend.tensorCount();
    const whole = await distill({
      ...input,
      checkpointEverySteps: 5,
      onCheckpoint: (bytes) => void checkpoints.push(bytes),
      onProgress: ({ phase, loss }) => {
        phases.add(phase);
        if (phase === 'align') losses.push(loss);
      },
    });
    expect(backend.tensorCount()).toBe(before);
    expect([...phases]).toEqual(['align', 'logits']);
    expect(losses.at(-1)).toBeLessThan(0.8 * losses[0]!);
    expect(whole.calibration).toHaveLength(2);
    expect(checkpoints).toHaveLength(6); // 5, 10, 12 of each phase
    for (const resume of checkpoints) {
      const resumed = await distill({ ...input, resume });
      expect(resumed.model.weights).toEqual(whole.model.weights);
      expect(resumed.loss).toBe(whole.loss);
    }
  });

  test('the calibrated start is nearer to the teacher than the thesis’s', async () => {
    const firstLoss = async (calibrate: boolean): Promise<number> => {
      let first = NaN;
      const onProgress = ({ step, loss }: { step: number; loss: number }): void => {
        if (step === 1) first = loss;
      };
      await distill({ ...input, calibrate, options: { ...options, maxSteps: 1 }, onProgress });
      return first;
    };
    expect(await firstLoss(true)).toBeLessThan(await firstLoss(false));
  });

  test('labels alone, a dot student, and no alignment', async () => {
    const phases = new Set<string>();
    const { calibration, model } = await distill({
      ...input,
      student: { ...input.student, attention: 'dot' },
      options: { ...options, align: [], then: 'finetune' },
      onProgress: ({ phase }) => void phases.add(phase),
    });
    expect([...phases]).toEqual(['finetune']);
    expect(calibration).toBeNull();
    expect(model.config).toMatchObject({ layers: 2, attention: { kind: 'dot' } });
  });

  test.each([[null], [['good', 'bad']], [['negative', 'positive', 'neither']]])(
    'a teacher whose labels are %j is refused',
    async (labels) => {
      await expectCode(
        () => distill({ ...input, teacher: tinyModel({ labels }) }),
        'INPUT_INVALID',
      );
    },
  );
});
