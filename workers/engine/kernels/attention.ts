// What an attention kernel is: forward and gradient of the core between projections.
import type * as tf from '@tensorflow/tfjs-node';
import type { AttentionConfig } from '../models/config.ts';

/** B sequences, N tokens each (padding at the end), h heads of d features; hidden = h·d. */
export interface AttentionShape {
  readonly batch: number;
  readonly tokens: number;
  readonly heads: number;
  readonly features: number;
}

/** Learned scalars of an inhibitor layer; β has one entry per head, or one for all. */
export interface InhibitorScalars {
  readonly alpha: number;
  readonly beta: Float32Array;
  readonly gamma: number;
}

export interface AttentionInput {
  readonly shape: AttentionShape;
  /** (B·N, 3·hidden): query, key and value side by side. */
  readonly projected: tf.Tensor2D;
  /** (B): real tokens of each sequence; keys beyond are masked, queries beyond give anything finite. */
  readonly lengths: Int32Array;
  readonly config: AttentionConfig;
  readonly scalars?: InhibitorScalars | undefined;
}

export interface AttentionForward {
  /** (B·N, hidden) */
  readonly context: tf.Tensor2D;
  /** Frees what was kept for the gradient. */
  dispose(): void;
  /** ∂projected, and the gradients of the scalars. */
  gradient(contextGradient: tf.Tensor2D): AttentionGradient;
}

export interface AttentionGradient {
  readonly projected: tf.Tensor2D;
  readonly scalars?: InhibitorScalars | undefined;
}

export interface AttentionKernel {
  /** Recorded with every run: `inhibitor-js`. */
  readonly name: string;
  readonly kind: AttentionConfig['kind'];
  /** `keep` says that a gradient will be asked for. */
  forward(input: AttentionInput, keep: boolean): AttentionForward;
}
