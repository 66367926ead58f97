// The teacher while a student is distilled: states of a batch, and its logits of every example.
import type { Backend } from '../backends/backend.ts';
import { type ForwardPass, forward } from '../models/encoder.ts';
import type { Model } from '../models/model.ts';
import { type LoadedWeights, uploadWeights } from '../models/weights.ts';
import type { TrainingData } from '../training/task-data.ts';

/**
 * Logits depend in their last bits on the batch they were computed in. They are always those of the
 * batches of epoch 0, computed when first asked for, so that a resumed run sees the same numbers.
 */
export class TeacherSignal {
  readonly #model: Model;
  readonly #weights: LoadedWeights;
  readonly #data: TrainingData;
  readonly #logits = new Map<number, Float32Array>();
  /** Example → its step in epoch 0. */
  readonly #homes = new Map<number, number>();

  constructor(backend: Backend, model: Model, data: TrainingData) {
    this.#model = model;
    this.#weights = uploadWeights(backend, model);
    this.#data = data;
    for (let step = 0; step < data.stepsPerEpoch; step++) {
      for (const index of data.batch(step).indices) this.#homes.set(index, step);
    }
  }

  /** States of all tokens of the batch of a step, in the caller's scope. */
  states(step: number): ForwardPass {
    const { batch, indices, epoch } = this.#data.batch(step);
    const pass = forward(this.#model.config, this.#weights, batch, { allTokens: true });
    if (epoch === 0) this.#remember(pass, indices);
    return pass;
  }

  /** (B, C) for examples of the training split. */
  logits(indices: readonly number[]): Float32Array {
    const rows = indices.map((index) => this.#logitsOf(index));
    const classes = rows[0]?.length ?? 0;
    const all = new Float32Array(rows.length * classes);
    for (const [row, values] of rows.entries()) all.set(values, row * classes);
    return all;
  }

  dispose(): void {
    this.#weights.dispose();
  }

  #logitsOf(index: number): Float32Array {
    const known = this.#logits.get(index);
    if (known) return known;
    this.#weights.backend.scope(() => void this.states(this.#homes.get(index) ?? 0));
    return this.#logits.get(index)!;
  }

  #remember(pass: ForwardPass, indices: readonly number[]): void {
    const tensor = pass.head!.logits;
    const classes = tensor.shape[1] ?? 1;
    const values = this.#weights.backend.read(tensor);
    for (const [row, index] of indices.entries()) {
      this.#logits.set(index, values.slice(row * classes, (row + 1) * classes));
    }
  }
}
