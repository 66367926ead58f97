// Weights in the library's memory, by name.
import * as tf from '@tensorflow/tfjs-node';
import type { InhibitorScalars } from '../kernels/attention.ts';
import { int8Linear, type Int8Tensors } from '../kernels/int8-linear.ts';
import { linear } from '../kernels/linear.ts';
import type { Model, Weight } from './model.ts';

/** Where a forward pass takes its weights from. */
export interface WeightSource {
  /** A float weight; throws for an unknown or quantized one. */
  get(name: string): tf.Tensor;
  /** The int8 form of a linear weight, or null where it is float. */
  int8(name: string): Int8Tensors | null;
}

/** All weights of a model, for inference; frees them with dispose. */
export interface LoadedWeights extends WeightSource {
  dispose(): void;
}

export function uploadWeights(model: Model): LoadedWeights {
  const floats = new Map<string, tf.Tensor>();
  const quantized = new Map<string, Int8Tensors>();
  for (const [name, weight] of model.weights) {
    if (weight.scales) quantized.set(name, uploadInt8(weight.values, weight.scales, weight.shape));
    else floats.set(name, uploadFloat(weight));
  }
  return {
    get: (name) => found(floats.get(name), name),
    int8: (name) => quantized.get(name) ?? null,
    dispose() {
      for (const tensor of floats.values()) tensor.dispose();
      for (const { values, scales } of quantized.values()) tf.dispose([values, scales]);
    },
  };
}

/** A kept tensor of a float weight. */
export function uploadFloat(weight: Weight): tf.Tensor {
  if (weight.scales) throw new Error('a quantized weight cannot be trained');
  return tf.keep(tf.tensor(weight.values, [...weight.shape]));
}

/** y = x Wᵀ + b with the weights `<name>.weight` and `<name>.bias`. */
export function applyLinear(weights: WeightSource, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const bias = weights.get(`${name}.bias`);
  const quantized = weights.int8(`${name}.weight`);
  if (quantized) return int8Linear(x, quantized, bias);
  return linear(x, weights.get(`${name}.weight`), bias);
}

/** α, β, γ of a layer on the host. */
export function readScalars(weights: WeightSource, layer: number): InhibitorScalars {
  const read = (name: string): Float32Array =>
    weights.get(`layer.${layer}.inhibitor.${name}`).dataSync() as Float32Array;
  return { alpha: read('alpha')[0]!, beta: read('beta'), gamma: read('gamma')[0]! };
}

export function found<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`no weight is called ${name}`);
  return value;
}

function uploadInt8(
  values: Int8Array,
  scales: Float32Array,
  shape: readonly number[],
): Int8Tensors {
  const size: [number, number] = [shape[0] ?? 0, shape[1] ?? 0];
  return {
    values: tf.keep(tf.tensor2d(Float32Array.from(values), size)),
    scales: tf.keep(tf.tensor1d(scales)),
  };
}
