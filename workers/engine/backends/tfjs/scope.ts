// Scopes of tensors: tf.tidy for results that hold more than tensors.
import * as tf from '@tensorflow/tfjs-node';
import { tensorsIn } from '../tensors-in.ts';

/** Runs `compute`; frees every tensor it made but those in its result. */
export function scope<T>(compute: () => T): T {
  let result: T | undefined;
  tf.tidy(() => {
    result = compute();
    return findTensors(result);
  });
  return result as T;
}

export function dispose(held: object): void {
  tf.dispose(findTensors(held));
}

function findTensors(held: unknown): tf.Tensor[] {
  return [...tensorsIn(held, isTensor)];
}

function isTensor(value: unknown): value is tf.Tensor {
  return value instanceof tf.Tensor;
}
