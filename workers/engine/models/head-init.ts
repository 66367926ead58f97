// Gives an encoder a fresh head for a task.
import { mix, randomNormals, streams } from '../data/random.ts';
import type { Dataset } from '../data/dataset.ts';
import { labelsOf } from './labels.ts';
import type { Model, Weight } from './model.ts';
import { planWeights } from './weight-plan.ts';

/** BERT's initialiser range. */
const deviation = 0.02;

/** The model with a head for the labels of the data set; one it has already, of the same labels, stays. */
export function withHead(model: Model, dataset: Dataset, seed: number): Model {
  const labels = labelsOf(dataset);
  if (model.config.labels?.join('\n') === labels.join('\n')) return model;
  const config = { ...model.config, labels, problem: dataset.kind };
  const weights = new Map<string, Weight>();
  for (const { name, shape, role } of planWeights(config)) {
    const known = name.startsWith('head.') ? undefined : model.weights.get(name);
    const count = shape.reduce((product, size) => product * size, 1);
    const values = new Float32Array(count);
    if (!known && role === 'linear') {
      const next = randomNormals(mix(seed, streams.initialisation), shape[0] ?? 0);
      for (let index = 0; index < count; index++) values[index] = deviation * next();
    }
    weights.set(name, known ?? { shape, values });
  }
  return { ...model, config, weights };
}
