// AdamW on native kernels: one call updates every weight in place.
import { adamw, globalNorm, type NativeKernels } from '@stillwatt/native';
import {
  type AdamW,
  adamBeta1,
  adamBeta2,
  adamEpsilon,
  type AdamWStep,
  type TrainedWeight,
  type WeightState,
} from '../adamw.ts';
import type { Memory, NativeTensor } from './memory.ts';

interface Slot {
  readonly weight: NativeTensor;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly decays: boolean;
}

export class NativeAdamW implements AdamW {
  readonly #kernels: NativeKernels;
  readonly #memory: Memory;
  readonly #slots = new Map<string, Slot>();

  constructor(kernels: NativeKernels, memory: Memory, weights: ReadonlyMap<string, TrainedWeight>) {
    this.#kernels = kernels;
    this.#memory = memory;
    for (const [name, { shape, values, decays }] of weights) {
      const weight = memory.keep(memory.place(values.slice(), shape));
      const { length } = values;
      const [first, second] = [new Float32Array(length), new Float32Array(length)];
      this.#slots.set(name, { weight, first, second, decays });
    }
  }

  weight(name: string): NativeTensor {
    return this.#find(name).weight;
  }

  update(
    gradients: ReadonlyMap<string, NativeTensor>,
    { step, rate, weightDecay, maxNorm }: AdamWStep,
  ): number {
    const arrays = [...gradients.values()].map(({ values }) => values);
    const norm = globalNorm(this.#kernels, arrays);
    if (!Number.isFinite(norm)) return norm;
    const slots = [...gradients.keys()].map((name) => this.#find(name));
    adamw(
      this.#kernels,
      slots.map(({ weight }) => weight.values),
      arrays,
      slots.map(({ first }) => first),
      slots.map(({ second }) => second),
      Uint8Array.from(slots, ({ decays }) => Number(decays)),
      step,
      rate,
      adamBeta1,
      adamBeta2,
      adamEpsilon,
      weightDecay,
      norm > maxNorm ? maxNorm / norm : 1,
    );
    return norm;
  }

  state(): Map<string, WeightState> {
    const states = new Map<string, WeightState>();
    for (const [name, { weight, first, second }] of this.#slots) {
      const parts = { weight: weight.values.slice(), first: first.slice(), second: second.slice() };
      states.set(name, { shape: weight.shape, ...parts });
    }
    return states;
  }

  restore(states: ReadonlyMap<string, WeightState>): void {
    for (const [name, slot] of this.#slots) {
      const state = states.get(name);
      if (!state) throw new Error(`there is no state of ${name}`);
      slot.weight.values.set(state.weight);
      slot.first.set(state.first);
      slot.second.set(state.second);
    }
  }

  dispose(): void {
    this.#memory.dispose([...this.#slots.values()].map(({ weight }) => weight));
    this.#slots.clear();
  }

  #find(name: string): Slot {
    const slot = this.#slots.get(name);
    if (!slot) throw new Error(`${name} is not trained`);
    return slot;
  }
}
