// Collects gradients of the trained weights by name; those of frozen ones are never computed.
import type { InhibitorScalars } from '../backends/attention.ts';
import type { Backend } from '../backends/backend.ts';
import type { Tensor } from '../backends/tensor.ts';

export interface GradientSink {
  wants(name: string): boolean;
  /** True where the embeddings or a layer below `layer` are trained: then ∂x of `layer` is needed. */
  wantsBelow(layer: number): boolean;
  add(name: string, gradient: Tensor): void;
  addLinear(name: string, dy: Tensor, x: Tensor): void;
  addScalars(layer: number, scalars: InhibitorScalars): void;
}

/** A sink for a set of names; gradients are kept until dispose. */
export class Gradients implements GradientSink {
  readonly byName = new Map<string, Tensor>();
  readonly #backend: Backend;
  readonly #names: ReadonlySet<string>;
  readonly #lowest: number;

  constructor(backend: Backend, names: ReadonlySet<string>) {
    this.#backend = backend;
    this.#names = names;
    this.#lowest = lowestTrained(names);
  }

  wants(name: string): boolean {
    return this.#names.has(name);
  }

  wantsBelow(layer: number): boolean {
    return this.#lowest < layer;
  }

  add(name: string, gradient: Tensor): void {
    if (!this.wants(name)) return;
    if (this.byName.has(name)) throw new Error(`two gradients for ${name}`);
    this.byName.set(name, this.#backend.keep(gradient));
  }

  addLinear(name: string, dy: Tensor, x: Tensor): void {
    if (!this.wants(`${name}.weight`)) return;
    const gradient = this.#backend.linearWeightGradient(dy, x);
    this.add(`${name}.weight`, gradient.weight);
    this.add(`${name}.bias`, gradient.bias);
  }

  addScalars(layer: number, { alpha, beta, gamma }: InhibitorScalars): void {
    const values = { alpha: Float32Array.of(alpha), beta, gamma: Float32Array.of(gamma) };
    for (const [name, value] of Object.entries(values)) {
      this.add(`layer.${layer}.inhibitor.${name}`, this.#backend.upload(value, [value.length]));
    }
  }

  dispose(): void {
    this.#backend.dispose([...this.byName.values()]);
    this.byName.clear();
  }
}

/** −1 for embeddings, else the lowest layer with a trained weight; Infinity for the head alone. */
function lowestTrained(names: ReadonlySet<string>): number {
  let lowest = Infinity;
  for (const name of names) {
    if (name.startsWith('embeddings.')) lowest = -1;
    else if (name.startsWith('layer.')) lowest = Math.min(lowest, Number(name.split('.')[1]));
  }
  return lowest;
}
