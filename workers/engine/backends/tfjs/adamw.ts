// AdamW over variables of the library, updated in place.
import * as tf from '@tensorflow/tfjs-node';
import {
  type AdamW,
  adamBeta1,
  adamBeta2,
  adamEpsilon,
  type AdamWStep,
  type TrainedWeight,
  type WeightState,
} from '../adamw.ts';
import {
  applyAdam,
  assignVariable,
  createVariable,
  destroyVariable,
  type DeviceVariable,
  halfSquareSum,
  readVariable,
} from './operations.ts';

interface Variables {
  readonly weight: DeviceVariable;
  readonly first: DeviceVariable;
  readonly second: DeviceVariable;
  readonly decays: boolean;
}

export class TfjsAdamW implements AdamW {
  readonly #variables = new Map<string, Variables>();
  readonly #current = new Map<string, tf.Tensor>();

  constructor(weights: ReadonlyMap<string, TrainedWeight>) {
    for (const [name, { shape, values, decays }] of weights) {
      const tensor = tf.tensor(values, [...shape]);
      const zeros = tf.zerosLike(tensor);
      this.#variables.set(name, {
        weight: createVariable(tensor),
        first: createVariable(zeros),
        second: createVariable(zeros),
        decays,
      });
      tf.dispose([zeros, tensor]);
    }
  }

  weight(name: string): tf.Tensor {
    const known = this.#current.get(name);
    if (known) return known;
    const tensor = tf.keep(readVariable(this.#find(name).weight));
    this.#current.set(name, tensor);
    return tensor;
  }

  update(
    gradients: ReadonlyMap<string, tf.Tensor>,
    { step, rate, weightDecay, maxNorm }: AdamWStep,
  ): number {
    this.#forget();
    const norm = globalNorm(gradients);
    if (!Number.isFinite(norm)) return norm;
    const clip = norm > maxNorm ? maxNorm / norm : 1;
    // PyTorch's AdamW: the bias corrections go into rate and ε, so the powers given to the op are 0.
    const correction = Math.sqrt(1 - adamBeta2 ** step);
    const corrected = (rate * correction) / (1 - adamBeta1 ** step);
    const factors = [0, 0, corrected, adamBeta1, adamBeta2, adamEpsilon * correction];
    tf.tidy(() => {
      const scalars = factors.map((value) => tf.scalar(value));
      for (const [name, gradient] of gradients) {
        const { weight, first, second, decays } = this.#find(name);
        if (decays && weightDecay > 0) shrink(weight, 1 - rate * weightDecay);
        const scaled = clip === 1 ? gradient : tf.mul(gradient, clip);
        applyAdam(weight, first, second, scalars, scaled);
        if (scaled !== gradient) scaled.dispose();
      }
    });
    return norm;
  }

  state(): Map<string, WeightState> {
    const states = new Map<string, WeightState>();
    for (const [name, { weight, first, second }] of this.#variables) {
      states.set(name, {
        shape: weight.shape,
        weight: readArray(weight),
        first: readArray(first),
        second: readArray(second),
      });
    }
    return states;
  }

  restore(states: ReadonlyMap<string, WeightState>): void {
    this.#forget();
    for (const [name, variables] of this.#variables) {
      const state = states.get(name);
      if (!state) throw new Error(`there is no state of ${name}`);
      for (const part of ['weight', 'first', 'second'] as const) {
        const tensor = tf.tensor(state[part], [...state.shape]);
        assignVariable(variables[part], tensor);
        tensor.dispose();
      }
    }
  }

  dispose(): void {
    this.#forget();
    for (const { weight, first, second } of this.#variables.values()) {
      for (const variable of [weight, first, second]) destroyVariable(variable);
    }
    this.#variables.clear();
  }

  #find(name: string): Variables {
    const variables = this.#variables.get(name);
    if (!variables) throw new Error(`${name} is not trained`);
    return variables;
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
