// Linear layer on integer values: x quantized per token, products of integers summed exactly, then scaled.
// tfjs has no integer matrix product, so the integers travel as f32: the numbers are those of int8
// arithmetic, the speed is that of f32 until the native kernels.
import * as tf from '@tensorflow/tfjs-node';
import { int8Limit } from '../../quantization/int8.ts';

/** 1024 · 127² < 2²⁴: below this every partial sum is an exact f32 integer. */
const exactColumns = 1024;

interface Int8Tensors {
  /** (O, I): integers −127…127 as f32 */
  readonly values: tf.Tensor2D;
  /** (O) */
  readonly scales: tf.Tensor1D;
}

export function uploadInt8(
  values: Int8Array,
  scales: Float32Array,
  shape: readonly number[],
): Int8Tensors {
  const size: [number, number] = [shape[0] ?? 0, shape[1] ?? 0];
  return { values: tf.tensor2d(Float32Array.from(values), size), scales: tf.tensor1d(scales) };
}

/** y (T, O) of x (T, I). */
export function int8Linear(
  x: tf.Tensor,
  { values, scales }: Int8Tensors,
  bias: tf.Tensor,
): tf.Tensor {
  return tf.tidy(() => {
    const largest = tf.max(tf.abs(x), 1, true);
    // A token of zeros has scale 1; its quotients are 0.
    const step = tf.where(tf.greater(largest, 0), tf.div(largest, int8Limit), tf.onesLike(largest));
    const quantized = tf.round(tf.div(x, step)) as tf.Tensor2D;
    const sums = integerProduct(quantized, values);
    return tf.add(tf.mul(tf.mul(sums, step), scales), bias);
  });
}

function integerProduct(x: tf.Tensor2D, values: tf.Tensor2D): tf.Tensor {
  const columns = x.shape[1];
  const blocks: tf.Tensor[] = [];
  for (let from = 0; from < columns; from += exactColumns) {
    const width = Math.min(exactColumns, columns - from);
    const left = width === columns ? x : tf.slice(x, [0, from], [-1, width]);
    const right = width === columns ? values : tf.slice(values, [0, from], [-1, width]);
    blocks.push(tf.matMul(left, right, false, true));
  }
  return tf.addN(blocks);
}
