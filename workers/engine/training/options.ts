// Options of training-like stages and what they report; the stage process fills them from the spec.
import type { Backend } from '../backends/backend.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Model } from '../models/model.ts';

export interface OptimiserOptions {
  readonly batchSize: number;
  readonly learningRate: number;
  readonly schedule: 'linear' | 'cosine' | 'constant';
  /** Share of the steps during which the rate rises linearly from 0. */
  readonly warmup: number;
  /** Decoupled (AdamW); biases, LayerNorm and the inhibitor's scalars are left out. */
  readonly weightDecay: number;
  /** Gradients are scaled down to this global norm. */
  readonly maxGradNorm: number;
}

export interface FinetuneOptions extends OptimiserOptions {
  /** May be a fraction: 0.5 is half the batches of one epoch. */
  readonly epochs: number;
  /** Of hidden states after the embeddings and after both halves of a layer, and of what the head pools. */
  readonly dropout: number;
  readonly maxLength: number;
  readonly maxSteps?: number | undefined;
  /** Word, position and type embeddings: `frozen` (default) saves a quarter of a step. */
  readonly embeddings?: 'frozen' | 'trained' | undefined;
}

export interface TrainingProgress {
  /** `train`, or the phases of a distillation: `align`, `logits`, `finetune`. */
  readonly phase: string;
  /** Steps done over all phases, and their total. */
  readonly step: number;
  readonly total: number;
  readonly loss: number;
  /** The loss by part, e.g. `context`, `hidden`, `logits`, `label`. */
  readonly parts: Readonly<Record<string, number>>;
  readonly learningRate: number;
  readonly gradientNorm: number;
  /** Over the steps since the start or the resume. */
  readonly examplesPerSecond: number;
}

/** Called between steps. A checkpoint holds all that a resumed run needs beside the same input. */
export interface TrainingHooks {
  readonly onProgress?: ((progress: TrainingProgress) => void) | undefined;
  readonly onCheckpoint?: ((bytes: Uint8Array, step: number) => void | Promise<void>) | undefined;
  readonly checkpointEverySteps?: number | undefined;
  /** Bytes of the last checkpoint; INPUT_INVALID when it belongs to other options or another seed. */
  readonly resume?: Uint8Array | undefined;
  /** Looked at between steps; ends with CANCELLED. */
  readonly signal?: AbortSignal | undefined;
}

export interface TrainTeacherInput extends TrainingHooks {
  readonly backend: Backend;
  readonly model: Model;
  readonly dataset: Dataset;
  readonly options: FinetuneOptions;
  readonly seed: number;
}

export interface TrainingResult {
  readonly model: Model;
  readonly steps: number;
  /** Mean loss of the last (at most) 50 steps. */
  readonly loss: number;
  /** Texts cut to maxLength in the training split. */
  readonly truncated: number;
}
