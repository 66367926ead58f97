// A model ready for inference: one object on native kernels where the backend has them, else its operations.
import { createEncoder as createNative, type NativeKernels } from '@stillwatt/native';
import type { Backend } from '../backends/backend.ts';
import type { Batch } from '../data/batch.ts';
import { forward } from '../models/encoder.ts';
import { saveModel } from '../models/files.ts';
import type { Model } from '../models/model.ts';
import { uploadWeights } from '../models/weights.ts';

export interface Encoder {
  /**
   * Logits (B, labels); without a head the last hidden states of the tokens, those of padding too where
   * the backend computes it. Native kernels compute no padding, so that scores that are centred over it
   * too (`centerOver: all`) are of the real tokens alone there. A run on native kernels ends soon after the signal; one by operations does
   * not hear it, and blocks.
   */
  run(batch: Batch, signal?: AbortSignal): Promise<Float32Array>;
  dispose(): void;
}

/** Loads a model on a backend; dispose of it at the end, before the backend is closed. */
export async function createEncoder(backend: Backend, model: Model): Promise<Encoder> {
  return backend.kernels ? onKernels(backend.kernels, model) : byOperations(backend, model);
}

async function onKernels(kernels: NativeKernels, model: Model): Promise<Encoder> {
  const files = saveModel(model);
  const [config, weights] = [files.get('config.json')!, files.get('model.safetensors')!];
  const encoder = await createNative(kernels, { config, weights });
  const hasTypes = model.config.tokenTypes > 0;
  return {
    run({ ids, types, lengths, tokens }, signal) {
      const isFull = lengths.every((length) => length === tokens);
      const real = (values: Int32Array): Int32Array =>
        isFull ? values : withoutPadding(values, lengths, tokens);
      const sequences = { ids: real(ids), lengths, types: hasTypes ? real(types) : undefined };
      return encoder.run(sequences, signal);
    },
    dispose: () => encoder.dispose(),
  };
}

function byOperations(backend: Backend, model: Model): Encoder {
  const weights = uploadWeights(backend, model);
  return {
    run(batch) {
      const output = backend.scope(() => {
        const { head, layers } = forward(model.config, weights, batch);
        return backend.read(head?.logits ?? layers.at(-1)!.hidden);
      });
      return Promise.resolve(output);
    },
    dispose: () => weights.dispose(),
  };
}

/** (B·N) → (T): the values of real tokens. */
function withoutPadding(values: Int32Array, lengths: Int32Array, tokens: number): Int32Array {
  const all = new Int32Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const [row, length] of lengths.entries()) {
    all.set(values.subarray(row * tokens, row * tokens + length), at);
    at += length;
  }
  return all;
}
