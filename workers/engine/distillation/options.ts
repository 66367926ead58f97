// Options of creating, calibrating and distilling a student.
import type { Backend } from '../backends/backend.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Model } from '../models/model.ts';
import type { FinetuneOptions, OptimiserOptions, TrainingHooks } from '../training/options.ts';

export interface InhibitorOptions {
  readonly normalise: 'none' | 'validKeys';
  readonly centerOver: 'valid' | 'all';
  readonly qkGradient: 'sign' | 'clamp' | 'difference';
}

export interface StudentOptions {
  readonly layers: number;
  readonly attention: 'dot' | 'inhibitor';
  /** Which teacher layer each student layer starts from; `teacher-layers` spaces them evenly. */
  readonly init: 'teacher-layers' | readonly number[];
  readonly inhibitor?: InhibitorOptions | undefined;
}

export interface DistillOptions extends OptimiserOptions {
  readonly align: readonly ('context' | 'hidden')[];
  readonly alignEpochs: number;
  readonly alignLearningRate: number;
  /** logits: the teacher's logits and the labels; finetune: labels alone. */
  readonly then: 'logits' | 'finetune';
  readonly epochs: number;
  readonly temperature: number;
  /** Share of the label loss beside the logit loss, 0…1. */
  readonly taskWeight: number;
  readonly dropout: number;
  readonly maxLength: number;
  /** Bound on the steps of each phase, for toy runs. */
  readonly maxSteps?: number | undefined;
  readonly embeddings?: FinetuneOptions['embeddings'];
}

export interface DistillInput extends TrainingHooks {
  readonly backend: Backend;
  readonly teacher: Model;
  readonly dataset: Dataset;
  readonly student: StudentOptions;
  /** Start γ, α, β of an inhibitor student from one batch of the teacher. */
  readonly calibrate: boolean;
  readonly options: DistillOptions;
  readonly seed: number;
}
