// A model's weights while some of them are trained.
import type { AdamW, AdamWStep, TrainedWeight, WeightState } from '../backends/adamw.ts';
import type { Backend } from '../backends/backend.ts';
import type { Tensor } from '../backends/tensor.ts';
import type { Model } from '../models/model.ts';
import type { WeightSource } from '../models/weights.ts';
import { damagedCheckpoint } from './checkpoint.ts';

/** Frozen weights beside those in training; dispose at the end. */
export class TrainableWeights implements WeightSource {
  readonly backend: Backend;
  readonly trainedNames: ReadonlySet<string>;
  readonly #frozen = new Map<string, Tensor>();
  readonly #trained: AdamW;

  constructor(backend: Backend, model: Model, isTrained: (name: string) => boolean) {
    const trained = new Map<string, TrainedWeight>();
    for (const [name, { shape, values, scales }] of model.weights) {
      if (scales) throw new Error('a quantized weight cannot be trained');
      if (isTrained(name)) trained.set(name, { shape, values, decays: decays(name) });
      else this.#frozen.set(name, backend.upload(values, shape));
    }
    this.backend = backend;
    this.trainedNames = new Set(trained.keys());
    this.#trained = backend.adamW(trained);
  }

  get(name: string): Tensor {
    return this.#frozen.get(name) ?? this.#trained.weight(name);
  }

  int8(): null {
    return null;
  }

  /** One step of AdamW; gives the norm of the gradients before clipping. */
  update(gradients: ReadonlyMap<string, Tensor>, step: AdamWStep): number {
    return this.#trained.update(gradients, step);
  }

  /** All trained weights with their moments. */
  state(): Map<string, WeightState> {
    return this.#trained.state();
  }

  /** Sets what `state` gave. MODEL_INVALID where names or shapes are not those trained here. */
  restore(states: ReadonlyMap<string, WeightState>): void {
    for (const name of this.trainedNames) {
      const [found, expected] = [states.get(name)?.shape, this.#trained.weight(name).shape];
      if (found?.join() !== expected.join()) {
        throw damagedCheckpoint(
          `${name} is ${found ? `[${found.join()}]` : 'missing'}, not [${expected.join()}]`,
        );
      }
    }
    this.#trained.restore(states);
  }

  /** The model with the weights as they are now. */
  toModel(model: Model): Model {
    const weights = new Map(model.weights);
    for (const name of this.trainedNames) {
      const tensor = this.#trained.weight(name);
      weights.set(name, { shape: tensor.shape, values: this.backend.read(tensor) });
    }
    return { ...model, weights };
  }

  dispose(): void {
    this.backend.dispose([...this.#frozen.values()]);
    this.#trained.dispose();
  }
}

/** Biases, LayerNorm and the inhibitor's scalars are left out. */
function decays(name: string): boolean {
  return name.endsWith('.weight') && !/norm\d?\.weight$/.test(name);
}
