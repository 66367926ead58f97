// The attention core between projections, as every backend takes and gives it.
import type { AttentionConfig } from '../models/config.ts';
import type { Saved, Tensor } from './tensor.ts';

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
  readonly projected: Tensor;
  /** (B): real tokens of each sequence; keys beyond are masked, queries beyond give anything finite. */
  readonly lengths: Int32Array;
  readonly config: AttentionConfig;
  /** Of an inhibitor layer. */
  readonly scalars?: InhibitorScalars | undefined;
}

export interface AttentionOutput {
  /** (B·N, hidden) */
  readonly context: Tensor;
  /** Null where no gradient will be asked for. */
  readonly saved: Saved | null;
}

export interface AttentionGradient {
  /** (B·N, 3·hidden) */
  readonly projected: Tensor;
  /** Of an inhibitor layer. */
  readonly scalars?: InhibitorScalars | undefined;
}
