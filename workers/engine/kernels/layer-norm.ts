// LayerNorm over the last axis, and its gradient. x, y (T, H); weight, bias (H).
import * as tf from '@tensorflow/tfjs-node';

export interface LayerNormResult {
  readonly y: tf.Tensor2D;
  /** For the gradient: (x − mean) / deviation (T, H), and 1 / deviation (T, 1). */
  readonly normalised: tf.Tensor2D;
  readonly inverse: tf.Tensor2D;
}

export function layerNorm(
  x: tf.Tensor,
  weight: tf.Tensor,
  bias: tf.Tensor,
  epsilon: number,
): LayerNormResult {
  return tf.tidy(() => {
    const centred = tf.sub(x, tf.mean(x, 1, true));
    const variance = tf.mean(tf.square(centred), 1, true);
    const inverse = tf.rsqrt(tf.add(variance, epsilon)) as tf.Tensor2D;
    const normalised = tf.mul(centred, inverse) as tf.Tensor2D;
    const y = tf.add(tf.mul(normalised, weight), bias) as tf.Tensor2D;
    return { y, normalised, inverse };
  });
}

/** ∂x = inverse·(g − mean g − n·mean(g·n)) with g = dy·weight, n = normalised; ∂weight, ∂bias. */
export function layerNormGradient(
  dy: tf.Tensor,
  { normalised, inverse }: Pick<LayerNormResult, 'normalised' | 'inverse'>,
  weight: tf.Tensor,
): { x: tf.Tensor2D; weight: tf.Tensor; bias: tf.Tensor } {
  return tf.tidy(() => {
    const product = tf.mul(dy, normalised);
    const g = tf.mul(dy, weight);
    const projection = tf.mul(normalised, tf.mean(tf.mul(product, weight), 1, true));
    const x = tf.mul(tf.sub(tf.sub(g, tf.mean(g, 1, true)), projection), inverse) as tf.Tensor2D;
    return { x, weight: tf.sum(product, 0), bias: tf.sum(dy, 0) };
  });
}

/** The same in plain loops and f64. */
export function layerNormReference(
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  bias: ArrayLike<number>,
  epsilon: number,
): Float64Array {
  const hidden = weight.length;
  const y = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += hidden) {
    let mean = 0;
    for (let k = 0; k < hidden; k++) mean += x[start + k]! / hidden;
    let variance = 0;
    for (let k = 0; k < hidden; k++) variance += (x[start + k]! - mean) ** 2 / hidden;
    const inverse = 1 / Math.sqrt(variance + epsilon);
    for (let k = 0; k < hidden; k++) {
      y[start + k] = (x[start + k]! - mean) * inverse * weight[k]! + bias[k]!;
    }
  }
  return y;
}
