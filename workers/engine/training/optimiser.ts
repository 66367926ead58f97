// AdamW over variables of the library: decoupled decay, global-norm clipping, moments in f32.
import * as tf from '@tensorflow/tfjs-node';
import {
  applyAdam,
  assignVariable,
  createVariable,
  destroyVariable,
  type DeviceVariable,
  halfSquareSum,
  readVariable,
} from '../kernels/backend.ts';
import type { Int8Tensors } from '../kernels/int8-linear.ts';
import type { Model } from '../models/model.ts';
import { found, uploadFloat, type WeightSource } from '../models/weights.ts';

const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-8;

/** The optimiser's state of one weight, on the host. */
export interface WeightState {
  readonly shape: readonly number[];
  readonly weight: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

interface Trained {
  readonly weight: DeviceVariable;
  readonly first: DeviceVariable;
  readonly second: DeviceVariable;
  readonly decays: boolean;
}

/** A model's weights while some of them are trained; dispose at the end. */
export class TrainableWeights implements WeightSource {
  readonly trainedNames: ReadonlySet<string>;
  readonly #frozen = new Map<string, tf.Tensor>();
  readonly #trained = new Map<string, Trained>();
  readonly #current = new Map<string, tf.Tensor>();

  constructor(model: Model, isTrained: (name: string) => boolean) {
    for (const [name, weight] of model.weights) {
      const tensor = uploadFloat(weight);
      if (!isTrained(name)) {
        this.#frozen.set(name, tensor);
        continue;
      }
      const zeros = tf.zerosLike(tensor);
      this.#trained.set(name, {
        weight: createVariable(tensor),
        first: createVariable(zeros),
        second: createVariable(zeros),
        decays: name.endsWith('.weight') && !/norm\d?\.weight$/.test(name),
      });
      tf.dispose([zeros, tensor]);
    }
    this.trainedNames = new Set(this.#trained.keys());
  }

  get(name: string): tf.Tensor {
    const known = this.#frozen.get(name) ?? this.#current.get(name);
    if (known) return known;
    const tensor = tf.keep(readVariable(found(this.#trained.get(name), name).weight));
    this.#current.set(name, tensor);
    return tensor;
  }

  int8(): Int8Tensors | null {
    return null;
  }

  /**
   * One step with 1-based number `step`. Gradients are scaled to the norm `maxNorm`; gives the norm
   * before. Names without a gradient stay as they are.
   */
  update(
    gradients: ReadonlyMap<string, tf.Tensor>,
    step: number,
    rate: number,
    weightDecay: number,
    maxNorm: number,
  ): number {
    this.#forget();
    const norm = globalNorm(gradients);
    if (!Number.isFinite(norm)) return norm;
    const clip = norm > maxNorm ? maxNorm / norm : 1;
    // PyTorch's AdamW: the bias corrections go into rate and ε, so the powers given to the op are 0.
    const correction = Math.sqrt(1 - beta2 ** step);
    const corrected = (rate * correction) / (1 - beta1 ** step);
    tf.tidy(() => {
      const scalars = [0, 0, corrected, beta1, beta2, epsilon * correction].map((value) =>
        tf.scalar(value),
      );
      for (const [name, gradient] of gradients) {
        const { weight, first, second, decays } = found(this.#trained.get(name), name);
        if (decays && weightDecay > 0) shrink(weight, 1 - rate * weightDecay);
        const scaled = clip === 1 ? gradient : tf.mul(gradient, clip);
        applyAdam(weight, first, second, scalars, scaled);
        if (scaled !== gradient) scaled.dispose();
      }
    });
    return norm;
  }

  /** All trained weights with their moments. */
  state(): Map<string, WeightState> {
    const states = new Map<string, WeightState>();
    for (const [name, { weight, first, second }] of this.#trained) {
      states.set(name, {
        shape: weight.shape,
        weight: readArray(weight),
        first: readArray(first),
        second: readArray(second),
      });
    }
    return states;
  }

  /** Sets what `state` gave; the names must be those trained here. */
  restore(states: ReadonlyMap<string, WeightState>): void {
    this.#forget();
    for (const [name, trained] of this.#trained) {
      const { shape, weight, first, second } = found(states.get(name), name);
      for (const [variable, values] of [
        [trained.weight, weight],
        [trained.first, first],
        [trained.second, second],
      ] as const) {
        const tensor = tf.tensor(values, [...shape]);
        assignVariable(variable, tensor);
        tensor.dispose();
      }
    }
  }

  /** The model with the weights as they are now. */
  toModel(model: Model): Model {
    const weights = new Map(model.weights);
    for (const [name, { weight }] of this.#trained) {
      weights.set(name, { shape: weight.shape, values: readArray(weight) });
    }
    return { ...model, weights };
  }

  dispose(): void {
    this.#forget();
    for (const tensor of this.#frozen.values()) tensor.dispose();
    for (const { weight, first, second } of this.#trained.values()) {
      for (const variable of [weight, first, second]) destroyVariable(variable);
    }
    this.#frozen.clear();
    this.#trained.clear();
  }

  /** Frees the tensors read in this step: a variable that somebody reads is copied when it changes. */
  #forget(): void {
    for (const tensor of this.#current.values()) tensor.dispose();
    this.#current.clear();
  }
}

function globalNorm(gradients: ReadonlyMap<string, tf.Tensor>): number {
  const halves = tf.tidy(() => tf.stack([...gradients.values()].map(halfSquareSum)).dataSync());
  let sum = 0;
  for (const half of halves) sum += 2 * half;
  return Math.sqrt(sum);
}

function shrink(variable: DeviceVariable, factor: number): void {
  const value = readVariable(variable);
  const smaller = tf.mul(value, factor);
  value.dispose();
  assignVariable(variable, smaller);
  smaller.dispose();
}

function readArray(variable: DeviceVariable): Float32Array {
  const tensor = readVariable(variable);
  const values = tensor.dataSync() as Float32Array;
  tensor.dispose();
  return values;
}
