// Collects gradients of the trained weights by name; those of frozen ones are never computed.
import * as tf from '@tensorflow/tfjs-node';
import type { InhibitorScalars } from '../kernels/attention.ts';
import { linearWeightGradient } from '../kernels/linear.ts';

export interface GradientSink {
  wants(name: string): boolean;
  /** True where the embeddings or a layer below `layer` are trained: then ∂x of `layer` is needed. */
  wantsBelow(layer: number): boolean;
  add(name: string, gradient: tf.Tensor): void;
  addLinear(name: string, dy: tf.Tensor, x: tf.Tensor): void;
  addScalars(layer: number, scalars: InhibitorScalars): void;
}

/** A sink for a set of names; gradients are kept until dispose. */
export class Gradients implements GradientSink {
  readonly byName = new Map<string, tf.Tensor>();
  readonly #names: ReadonlySet<string>;
  readonly #lowest: number;

  constructor(names: ReadonlySet<string>) {
    this.#names = names;
    this.#lowest = lowestTrained(names);
  }

  wants(name: string): boolean {
    return this.#names.has(name);
  }

  wantsBelow(layer: number): boolean {
    return this.#lowest < layer;
  }

  add(name: string, gradient: tf.Tensor): void {
    if (!this.wants(name)) return;
    if (this.byName.has(name)) throw new Error(`two gradients for ${name}`);
    this.byName.set(name, tf.keep(gradient));
  }

  addLinear(name: string, dy: tf.Tensor, x: tf.Tensor): void {
    if (!this.wants(`${name}.weight`)) return;
    const gradient = linearWeightGradient(dy, x);
    this.add(`${name}.weight`, gradient.weight);
    this.add(`${name}.bias`, gradient.bias);
  }

  addScalars(layer: number, { alpha, beta, gamma }: InhibitorScalars): void {
    const name = `layer.${layer}.inhibitor`;
    this.add(`${name}.alpha`, tf.tensor1d([alpha]));
    this.add(`${name}.beta`, tf.tensor1d(beta));
    this.add(`${name}.gamma`, tf.tensor1d([gamma]));
  }

  dispose(): void {
    for (const gradient of this.byName.values()) gradient.dispose();
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
