// Inputs and results of evaluation and profiling.
import type { Backend } from '../backends/backend.ts';
import type { Dataset, SplitName } from '../data/dataset.ts';
import type { Model } from '../models/model.ts';

export interface EvaluateInput {
  readonly backend: Backend;
  readonly model: Model;
  readonly dataset: Dataset;
  readonly split: SplitName;
  readonly batchSize: number;
  readonly maxLength: number;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Evaluation {
  /** classification: accuracy, f1 (two classes only), mcc; regression: pearson, spearman. NaN never: a metric that is not defined on the data is absent. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly n: number;
  readonly truncated: number;
  /** (n, labels) in the order of the split. */
  readonly logits: Float32Array;
  readonly labels: number;
  /** Mean cross-entropy (classification) or squared error (regression). */
  readonly loss: number;
}

export interface ProfileInput {
  readonly backend: Backend;
  readonly model: Model;
  /** Token ids come from the texts of this data set, or (without one) from the seed alone. */
  readonly dataset?: Dataset | undefined;
  readonly lengths: readonly number[];
  readonly batch: readonly number[];
  readonly warmupSeconds: number;
  readonly windowSeconds: number;
  readonly seed: number;
  /** Awaited at both ends of each window, so that the stage can mark phases and wait for its meter. */
  readonly onWindow?:
    ((edge: 'begin' | 'end', length: number, batch: number) => void | Promise<void>) | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ProfileWindow {
  readonly length: number;
  readonly batch: number;
  readonly requests: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Texts per second over the window. */
  readonly throughputPerSecond: number;
  /** Every request of the window in order, milliseconds. */
  readonly latenciesMs: readonly number[];
}
