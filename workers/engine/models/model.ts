// A model in host memory: configuration, weights by canonical name, tokenizer bytes.
import type { ModelConfig } from './config.ts';

/** f32 values, row-major; a linear weight is (out, in), as PyTorch stores it. */
export interface FloatWeight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly scales?: undefined;
}

/** Symmetric int8: w ≈ values · scales[row], one scale per output row. */
export interface Int8Weight {
  readonly shape: readonly number[];
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

export type Weight = FloatWeight | Int8Weight;

/** Files by name: `config.json`, `model.safetensors`, `tokenizer.json`. */
export type ModelFiles = ReadonlyMap<string, Uint8Array>;

/** Immutable by convention: training and quantization return a new one. */
export interface Model {
  readonly config: ModelConfig;
  readonly weights: ReadonlyMap<string, Weight>;
  readonly tokenizerJson: Uint8Array;
}

export interface ModelDescription {
  readonly attention: 'dot' | 'inhibitor';
  readonly precision: 'f32' | 'int8';
  readonly layers: number;
  readonly parameters: number;
}

/** What a table shows of a model; `parameters` counts weights, not quantization scales. */
export function describeModel(model: Model): ModelDescription {
  let parameters = 0;
  for (const weight of model.weights.values()) parameters += weight.values.length;
  const { attention, layers, quantization } = model.config;
  const precision = quantization === null ? 'f32' : 'int8';
  return { attention: attention.kind, precision, layers, parameters };
}
