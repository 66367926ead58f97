// Linear layer: y = x Wᵀ + b, and its gradient. x (T, I), W (O, I), b (O), y (T, O).
import * as tf from '@tensorflow/tfjs-node';

export function linear(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.add(tf.matMul(x, weight, false, true), bias));
}

/** ∂x; left out where nothing below is trained. */
export function linearInputGradient(dy: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  return tf.matMul(dy, weight);
}

/** ∂W (O, I) and ∂b (O). */
export function linearWeightGradient(
  dy: tf.Tensor,
  x: tf.Tensor,
): { weight: tf.Tensor; bias: tf.Tensor } {
  return { weight: tf.matMul(dy, x, true), bias: tf.sum(dy, 0) };
}
