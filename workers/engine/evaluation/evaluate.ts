// Predictions over a split, and the metrics of its task.
import { StillwattError } from '@stillwatt/contracts';
import { createBatch, encodeExamples } from '../data/batch.ts';
import { requireLabels } from '../models/labels.ts';
import { loadTokenizer } from '../models/tokenizer.ts';
import { labelLoss } from '../training/label-loss.ts';
import { sortedBatches } from '../training/order.ts';
import { createEncoder } from './create-encoder.ts';
import { accuracy, binaryF1, matthews, pearson, predictClasses, spearman } from './metrics.ts';
import type { EvaluateInput, Evaluation } from './options.ts';

/**
 * Evaluates a model with a head. INPUT_INVALID where it has none or its labels are others than the task's,
 * MODEL_INVALID where it answers what is no number: no metric is made of that.
 */
export async function evaluateModel(input: EvaluateInput): Promise<Evaluation> {
  const { backend, model, dataset, split, batchSize, signal } = input;
  const { config } = model;
  requireLabels(config, dataset);
  if (dataset.splits[split].length === 0) {
    throw new StillwattError('DATA_INVALID', `the ${split} split is empty`, {
      fix: 'Choose a split with rows in evaluate.split.',
    });
  }
  const maxLength = Math.min(input.maxLength, config.positions);
  const tokenizer = loadTokenizer(model.tokenizerJson, config.vocabulary);
  const { examples, truncated } = encodeExamples(tokenizer, dataset.splits[split], maxLength);
  const classes = config.labels?.length ?? 1;
  const logits = new Float32Array(examples.length * classes);
  const encoder = await createEncoder(backend, model);
  try {
    let done = 0;
    const lengths = examples.map(({ ids }) => ids.length);
    for (const indices of sortedBatches(lengths, batchSize)) {
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted) throw new StillwattError('CANCELLED', 'evaluation was cancelled');
      const values = await encoder.run(createBatch(examples, indices, config.padTokenId), signal);
      requireNumbers(values);
      for (const [row, index] of indices.entries()) {
        logits.set(values.subarray(row * classes, (row + 1) * classes), index * classes);
      }
      done += indices.length;
      input.onProgress?.(done, examples.length);
    }
  } finally {
    encoder.dispose();
  }
  const labels = Float32Array.from(examples, ({ label }) => label);
  const loss = labelLoss(config.problem, logits, labels).value;
  const metrics = computeMetrics(config.problem, logits, labels, classes);
  return { metrics, n: examples.length, truncated, logits, labels: classes, loss };
}

function computeMetrics(
  problem: 'classification' | 'regression',
  logits: Float32Array,
  labels: Float32Array,
  classes: number,
): Record<string, number> {
  if (problem === 'regression') {
    return defined({ pearson: pearson(logits, labels), spearman: spearman(logits, labels) });
  }
  const predicted = predictClasses(logits, classes);
  const binary =
    classes === 2 ? { f1: binaryF1(predicted, labels), mcc: matthews(predicted, labels) } : {};
  return defined({ accuracy: accuracy(predicted, labels), ...binary });
}

function defined(metrics: Record<string, number | null>): Record<string, number> {
  const entries = Object.entries(metrics).filter(
    (entry): entry is [string, number] => entry[1] !== null,
  );
  return Object.fromEntries(entries);
}

function requireNumbers(logits: Float32Array): void {
  if (logits.every(Number.isFinite)) return;
  throw new StillwattError('MODEL_INVALID', 'the model answers NaN or infinity', {
    fix: 'Look for weights that are no numbers, or train it again with a lower learning rate.',
    path: 'model.safetensors',
  });
}
