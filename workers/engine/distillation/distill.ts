// Distils a student: calibrated start, alignment of contexts and hidden states, then logits or labels.
import { StillwattError } from '@stillwatt/contracts';
import type { Tensor } from '../backends/tensor.ts';
import { createBatch, encodeExamples } from '../data/batch.ts';
import { mix, permutation, streams } from '../data/random.ts';
import { createDropout } from '../models/dropout.ts';
import { backward, forward } from '../models/encoder.ts';
import { requireLabels } from '../models/labels.ts';
import type { Model } from '../models/model.ts';
import { loadTokenizer } from '../models/tokenizer.ts';
import { fingerprintOf } from '../training/fingerprint.ts';
import { labelLoss } from '../training/label-loss.ts';
import { distillationLoss, mixLosses, squaredError } from '../training/losses.ts';
import type { TrainingResult } from '../training/options.ts';
import { countSteps, prepareTraining, type TrainingData } from '../training/task-data.ts';
import { trainedNames } from '../training/teacher.ts';
import { runTraining, type TrainingPhase } from '../training/trainer.ts';
import { calibrate, type CalibratedLayer } from './calibrate.ts';
import type { DistillInput } from './options.ts';
import { alignmentTargets, chooseLayers, createStudent } from './student.ts';
import { TeacherSignal } from './teacher-signal.ts';

/** Sentences of the calibration batch. */
const calibrationSize = 64;

/** States of a layer that are compared with the teacher's. */
type AlignedState = 'context' | 'hidden';

export interface DistillResult extends TrainingResult {
  /** What calibration found, by layer; null where it did not run. */
  readonly calibration: readonly CalibratedLayer[] | null;
}

/** INPUT_INVALID for a teacher without a head for this task, DIVERGED and CANCELLED as in training. */
export async function distill(input: DistillInput): Promise<DistillResult> {
  const { backend, teacher, dataset, options, seed } = input;
  if (teacher.config.labels === null || teacher.config.quantization !== null) {
    throw new StillwattError('INPUT_INVALID', 'the teacher must be a fine-tuned f32 model', {
      fix: 'Give the output of the teacher stage.',
    });
  }
  requireLabels(teacher.config, dataset);
  const data = prepareTraining(teacher, dataset, options, seed);
  const start = startStudent(input);
  const signal = new TeacherSignal(backend, teacher, data);
  try {
    const phases = [
      ...(options.align.length > 0 ? [alignPhase(input, start.student, data, signal)] : []),
      taskPhase(input, start.student, data, signal),
    ];
    const { student: studentOptions, calibrate: calibrated } = input;
    const { config } = start.student;
    const facts = { kind: 'distill', options, studentOptions, calibrated, seed, config };
    const fingerprint = fingerprintOf({ ...facts, steps: phases.map(({ steps }) => steps) });
    const run = { backend, model: start.student, phases, fingerprint, hooks: input };
    const trained = await runTraining(run);
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
  const result = calibrate(input.backend, teacher, student, chosen, batch);
  return { student: result.student, calibration: result.layers };
}

/** All encoder layers against the teacher's states; embeddings and head stay. */
function alignPhase(
  { backend, teacher, options, seed, student: studentOptions }: DistillInput,
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
      const dropout = createDropout(backend, options.dropout, seed, step);
      const pass = forward(config, weights, batch, { keep: true, dropout, head: false });
      // A scope of its own: the teacher's states are gone before the backward pass.
      const losses = backend.scope(() => {
        const goal = signal.states(step);
        const compare = (kind: AlignedState) =>
          pass.layers.map((layer, index) => {
            const target = goal.layers[targets[kind][index]!]![kind];
            return backend.alignLoss(layer[kind], target, batch.lengths, weight);
          });
        return options.align.map((kind) => ({ kind, layers: compare(kind) }));
      });
      const parts: Record<string, number> = {};
      const gradients: Partial<Record<AlignedState, Tensor[]>> = {};
      for (const { kind, layers } of losses) {
        parts[kind] = layers.reduce((sum, { value }) => sum + value, 0);
        gradients[kind] = layers.map(({ gradient }) => gradient);
      }
      backward(weights, pass, gradients, sink);
      const loss = Object.values(parts).reduce((sum, part) => sum + part, 0);
      return { loss, parts, examples: batch.batch };
    },
  };
}

/** The whole student on the teacher's logits and the labels, or on the labels alone. */
function taskPhase(
  { backend, options, seed }: DistillInput,
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
      const dropout = createDropout(backend, options.dropout, mix(seed, 1), step);
      const pass = forward(config, weights, batch, { keep: true, dropout });
      const { logits } = pass.head!;
      const values = backend.read(logits);
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
      backward(weights, pass, { logits: backend.upload(loss.gradient, logits.shape) }, sink);
      return { loss: loss.value, parts, examples: batch.batch };
    },
  };
}
