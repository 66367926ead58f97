// Fine-tunes a pretrained encoder on a task.
import { StillwattError } from '@stillwatt/contracts';
import { createDropout } from '../models/dropout.ts';
import { backward, forward } from '../models/encoder.ts';
import type { Gradients } from '../models/gradients.ts';
import { withHead } from '../models/head-init.ts';
import type { WeightSource } from '../models/weights.ts';
import { fingerprintOf } from './fingerprint.ts';
import { labelLoss } from './label-loss.ts';
import type { TrainingResult, TrainTeacherInput } from './options.ts';
import { countSteps, prepareTraining } from './task-data.ts';
import { runTraining } from './trainer.ts';

/**
 * Trains the encoder (embeddings frozen unless the options say otherwise) with a head on the labels.
 * INPUT_INVALID for a quantized model, DIVERGED where the loss is no number, CANCELLED on the signal.
 */
export async function trainTeacher(input: TrainTeacherInput): Promise<TrainingResult> {
  const { backend, dataset, options, seed } = input;
  if (input.model.config.quantization !== null) {
    throw new StillwattError('INPUT_INVALID', 'a quantized model cannot be trained', {
      fix: 'Give the f32 model that it was made of.',
    });
  }
  const model = withHead(input.model, dataset, seed);
  const { config } = model;
  const data = prepareTraining(model, dataset, options, seed);
  const steps = countSteps(options.epochs, data.stepsPerEpoch, options.maxSteps);
  const compute = (weights: WeightSource, step: number, sink: Gradients) => {
    const { batch } = data.batch(step);
    const dropout = createDropout(backend, options.dropout, seed, step);
    const pass = forward(config, weights, batch, { keep: true, dropout });
    const { logits } = pass.head!;
    const { value, gradient } = labelLoss(config.problem, backend.read(logits), batch.labels);
    backward(weights, pass, { logits: backend.upload(gradient, logits.shape) }, sink);
    return { loss: value, parts: { label: value }, examples: batch.batch };
  };
  const isTrained = trainedNames(options.embeddings);
  const phase = { name: 'train', steps, options, isTrained, compute };
  const fingerprint = fingerprintOf({ kind: 'teacher', options, seed, config, steps });
  const trained = await runTraining({ backend, model, phases: [phase], fingerprint, hooks: input });
  return { ...trained, truncated: data.truncated };
}

/** Which weights a fine-tuning changes. */
export function trainedNames(
  embeddings: 'frozen' | 'trained' | undefined,
): (name: string) => boolean {
  return (name) => embeddings === 'trained' || !name.startsWith('embeddings.');
}
