// Linear layer: y = x Wᵀ + b, and its gradient. x (T, I), W (O, I), b (O), y (T, O); T = tokens.
import * as tf from '@tensorflow/tfjs-node';

export function linear(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor2D {
  return tf.tidy(() => tf.add(tf.matMul(x, weight, false, true), bias) as tf.Tensor2D);
}

/** ∂x; left out where nothing below is trained. */
export function linearInputGradient(dy: tf.Tensor, weight: tf.Tensor): tf.Tensor2D {
  return tf.matMul(dy, weight) as tf.Tensor2D;
}

/** ∂W (O, I) and ∂b (O). */
export function linearWeightGradient(
  dy: tf.Tensor,
  x: tf.Tensor,
): { weight: tf.Tensor; bias: tf.Tensor } {
  return { weight: tf.matMul(dy, x, true), bias: tf.sum(dy, 0) };
}

/** The same in plain loops and f64. */
export function linearReference(
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  bias: ArrayLike<number>,
  inputs: number,
): Float64Array {
  const outputs = bias.length;
  const rows = x.length / inputs;
  const y = new Float64Array(rows * outputs);
  for (let t = 0; t < rows; t++) {
    for (let o = 0; o < outputs; o++) {
      let sum = bias[o]!;
      for (let i = 0; i < inputs; i++) sum += x[t * inputs + i]! * weight[o * inputs + i]!;
      y[t * outputs + o] = sum;
    }
  }
  return y;
}
