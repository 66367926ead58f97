// What a model answers, and what a task asks.
import { StillwattError } from '@stillwatt/contracts';
import type { Dataset } from '../data/dataset.ts';
import type { ModelConfig } from './config.ts';

/** Outputs of a head for a data set: its classes, or one value. */
export function labelsOf({ kind, labels }: Dataset): readonly string[] {
  return kind === 'regression' ? ['value'] : labels;
}

/** INPUT_INVALID where a model has no head, or one of other labels than the data set. */
export function requireLabels({ labels, problem }: ModelConfig, dataset: Dataset): void {
  const expected = labelsOf(dataset);
  if (problem === dataset.kind && labels?.join('\n') === expected.join('\n')) return;
  const message = `the model answers ${labels?.join(', ') ?? 'nothing'}, the task asks ${expected.join(', ')}`;
  throw new StillwattError('INPUT_INVALID', message, {
    fix: 'Train a head for this task first.',
  });
}
