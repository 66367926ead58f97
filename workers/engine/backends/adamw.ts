// Weights in training with AdamW's moments: decoupled decay, clipping by the global norm (PyTorch's form).
import type { Tensor } from './tensor.ts';

export const adamBeta1 = 0.9;
export const adamBeta2 = 0.999;
export const adamEpsilon = 1e-8;

export interface TrainedWeight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly decays: boolean;
}

/** One weight and its moments, on the host. */
export interface WeightState {
  readonly shape: readonly number[];
  readonly weight: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

export interface AdamWStep {
  /** 1 at the first. */
  readonly step: number;
  readonly rate: number;
  readonly weightDecay: number;
  /** Gradients are scaled down to this global norm. */
  readonly maxNorm: number;
}

export interface AdamW {
  /** A weight as it is now; until the next update. */
  weight(name: string): Tensor;
  /**
   * One step; gives the norm before clipping, and changes nothing where that is no number. Weights
   * without a gradient stay as they are.
   */
  update(gradients: ReadonlyMap<string, Tensor>, step: AdamWStep): number;
  /** Everything a resumed training needs. */
  state(): Map<string, WeightState>;
  /** Sets what `state` gave; the names must be those trained here. */
  restore(states: ReadonlyMap<string, WeightState>): void;
  dispose(): void;
}
