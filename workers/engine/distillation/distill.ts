// Distils a student: calibrated start, alignment of contexts and hidden states, then logits or labels.
import * as tf from '@tensorflow/tfjs-node';
import { StillwattError } from '@stillwatt/contracts';
import { createBatch, encodeExamples } from '../data/batch.ts';
import { mix, permutation, streams } from '../data/random.ts';
import { createDropout } from '../kernels/dropout.ts';
import { backward, forward } from '../models/encoder.ts';
import type { Model } from '../models/model.ts';
import { loadTokenizer } from '../models/tokenizer.ts';
import { fingerprintOf } from '../training/fingerprint.ts';
import { labelLoss } from '../training/label-loss.ts';
import { distillationLoss, mixLosses, squaredError } from '../training/losses.ts';
import type { TrainingResult } from '../training/options.ts';
import { countSteps, prepareTraining, type TrainingData } from '../training/task-data.ts';
import { trainedNames } from '../training/teacher.ts';
import { runTraining, type TrainingPhase } from '../training/trainer.ts';
import { alignLoss, tokenMask } from './align-loss.ts';
import { calibrate, type CalibratedLayer } from './calibrate.ts';
import type { DistillInput } from './options.ts';
import { alignmentTargets, chooseLayers, createStudent } from './student.ts';
import { TeacherSignal } from './teacher-signal.ts';

/** Sentences of the calibration batch. */
const calibrationSize = 64;

export interface DistillResult extends TrainingResult {
  /** What calibration found, by layer; null where it did not run. */
  readonly calibration: readonly CalibratedLayer[] | null;
}

/** INPUT_INVALID for a teacher without a head, DIVERGED and CANCELLED as in training. */
export async function distill(input: DistillInput): Promise<DistillResult> {
  const { teacher, dataset, options, seed } = input;
  if (teacher.config.labels === null || teacher.config.quantization !== null) {
    throw new StillwattError('INPUT_INVALID', 'the teacher must be a fine-tuned f32 model', {
      fix: 'Give the output of the teacher stage.',
    });
  }
  const data = prepareTraining(teacher, dataset, options, seed);
  const start = startStudent(input);
  const signal = new TeacherSignal(teacher, data);
  try {
    const phases = [
      ...(options.align.length > 0 ? [alignPhase(input, start.student, data, signal)] : []),
      taskPhase(input, start.student, data, signal),
    ];
    const { student: studentOptions, calibrate: calibrated } = input;
    const { config } = start.student;
    const facts = { kind: 'distill', options, studentOptions, calibrated, seed, config };
    const fingerprint = fingerprintOf({ ...facts, steps: phases.map(({ steps }) => steps) });
    const trained = await runTraining({ model: start.student, phases, fingerprint, hooks: input });
    return { ...trained, truncated: data.truncated, calibration: start.calibration };
  } finally {
    signal.dispose();
  }
}

function startStudent(input: DistillInput): {
  student: Model;
  calibration: CalibratedLayer[] | null;
} {
  const { teacher, dataset, options, seed } = input;
  const student = createStudent(teacher, input.student);
  if (student.config.attention.kind !== 'inhibitor' || !input.calibrate) {
    return { student, calibration: null };
  }
  const rows = dataset.splits.train;
  const order = permutation(rows.length, mix(seed, streams.calibration), 0);
  const sample = order.slice(0, calibrationSize).map((index) => rows[index]!);
  const { config, tokenizerJson } = teacher;
  const tokenizer = loadTokenizer(tokenizerJson, config.vocabulary);
  const { examples } = encodeExamples(
    tokenizer,
    sample,
    Math.min(options.maxLength, config.positions),
  );
  const batch = createBatch(examples, [...examples.keys()], config.padTokenId);
  const chosen = chooseLayers(config.layers, input.student);
  const result = calibrate(teacher, student, chosen, batch);
  return { student: result.student, calibration: result.layers };
}

/** All encoder layers against the teacher's states; embeddings and head stay. */
function alignPhase(
  { teacher, options, seed, student: studentOptions }: DistillInput,
  student: Model,
  data: TrainingData,
  signal: TeacherSignal,
): TrainingPhase {
  const { config } = student;
  const chosen = chooseLayers(teacher.config.layers, studentOptions);
  const targets = alignmentTargets(chosen, teacher.config.layers);
  const weight = 1 / (config.layers * options.align.length);
  return {
    name: 'align',
    steps: countSteps(options.alignEpochs, data.stepsPerEpoch, options.maxSteps),
    options: { ...options, learningRate: options.alignLearningRate },
    isTrained: (name) => name.startsWith('layer.'),
    compute(weights, step, sink) {
      const { batch } = data.batch(step);
      const dropout = createDropout(options.dropout, seed, step);
      const goal = signal.states(step);
      const pass = forward(config, weights, batch, { keep: true, dropout, head: false });
      const mask = tokenMask(batch.lengths, batch.tokens);
      const values: tf.Tensor[] = [];
      const gradients: Record<'context' | 'hidden', tf.Tensor2D[]> = { context: [], hidden: [] };
      for (const kind of options.align) {
        for (const [index, layer] of pass.layers.entries()) {
          const target = goal.layers[targets[kind][index]!]![kind];
          const { value, gradient } = alignLoss(layer[kind], target, mask, weight);
          values.push(value);
          gradients[kind].push(gradient);
        }
      }
      goal.dispose();
      backward(weights, pass, gradients, sink);
      pass.dispose();
      const parts = sumByKind(values, options.align, config.layers);
      tf.dispose([mask, ...values, ...gradients.context, ...gradients.hidden]);
      const loss = Object.values(parts).reduce((sum, part) => sum + part, 0);
      return { loss, parts, examples: batch.batch };
    },
  };
}

/** The whole student on the teacher's logits and the labels, or on the labels alone. */
function taskPhase(
  { options, seed }: DistillInput,
  student: Model,
  data: TrainingData,
  signal: TeacherSignal,
): TrainingPhase {
  const { config } = student;
  const { taskWeight, temperature } = options;
  return {
    name: options.then,
    steps: countSteps(options.epochs, data.stepsPerEpoch, options.maxSteps),
    options,
    isTrained: trainedNames(options.embeddings),
    compute(weights, step, sink) {
      const { batch, indices } = data.batch(step);
      const dropout = createDropout(options.dropout, mix(seed, 1), step);
      const pass = forward(config, weights, batch, { keep: true, dropout });
      const { logits } = pass.head!;
      const values = logits.dataSync() as Float32Array;
      let loss = labelLoss(config.problem, values, batch.labels);
      const parts: Record<string, number> = { label: loss.value };
      if (options.then === 'logits') {
        const goal = signal.logits(indices);
        const soft =
          config.problem === 'regression'
            ? squaredError(values, goal)
            : distillationLoss(values, goal, batch.batch, temperature);
        parts['logits'] = soft.value;
        loss = mixLosses(taskWeight, loss, 1 - taskWeight, soft);
      }
      const dLogits = tf.tensor2d(loss.gradient, logits.shape);
      backward(weights, pass, { logits: dLogits }, sink);
      tf.dispose(dLogits);
      pass.dispose();
      return { loss: loss.value, parts, examples: batch.batch };
    },
  };
}

function sumByKind(
  values: readonly tf.Tensor[],
  kinds: readonly string[],
  layers: number,
): Record<string, number> {
  const stacked = tf.stack([...values]);
  const numbers = Array.from(stacked.dataSync());
  stacked.dispose();
  const sums = kinds.map((kind, at) => {
    const part = numbers.slice(at * layers, (at + 1) * layers);
    return [kind, part.reduce((sum, value) => sum + value, 0)];
  });
  return Object.fromEntries(sums) as Record<string, number>;
}
