// Weights in a backend's memory, by name. The backend that holds them is the one that computes with them.
import type { InhibitorScalars } from '../backends/attention.ts';
import type { Backend } from '../backends/backend.ts';
import type { Int8Matrix, Tensor } from '../backends/tensor.ts';
import type { Model } from './model.ts';

/** Where a pass takes its weights from, and what computes it. */
export interface WeightSource {
  readonly backend: Backend;
  /** A float weight; throws for an unknown or quantized one. */
  get(name: string): Tensor;
  /** The int8 form of a linear weight, or null where it is float. */
  int8(name: string): Int8Matrix | null;
}

/** All weights of a model, for inference; frees them with dispose. */
export interface LoadedWeights extends WeightSource {
  dispose(): void;
}

export function uploadWeights(backend: Backend, model: Model): LoadedWeights {
  const floats = new Map<string, Tensor>();
  const quantized = new Map<string, Int8Matrix>();
  for (const [name, { values, scales, shape }] of model.weights) {
    if (scales) quantized.set(name, backend.uploadInt8(values, scales, shape));
    else floats.set(name, backend.upload(values, shape));
  }
  return {
    backend,
    get: (name) => found(floats.get(name), name),
    int8: (name) => quantized.get(name) ?? null,
    dispose: () => backend.dispose([...floats.values(), ...quantized.values()]),
  };
}

/** y = x Wᵀ + b with the weights `<name>.weight` and `<name>.bias`. */
export function applyLinear(weights: WeightSource, name: string, x: Tensor): Tensor {
  const { backend } = weights;
  const bias = weights.get(`${name}.bias`);
  const quantized = weights.int8(`${name}.weight`);
  if (quantized) return backend.int8Linear(x, quantized, bias);
  return backend.linear(x, weights.get(`${name}.weight`), bias);
}

/** α, β, γ of a layer on the host. */
export function readScalars(weights: WeightSource, layer: number): InhibitorScalars {
  const read = (name: string): Float32Array =>
    weights.backend.read(weights.get(`layer.${layer}.inhibitor.${name}`));
  return { alpha: read('alpha')[0]!, beta: read('beta'), gamma: read('gamma')[0]! };
}

export function found<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`no weight is called ${name}`);
  return value;
}
