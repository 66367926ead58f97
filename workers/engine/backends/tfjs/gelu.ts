// Exact GELU, x·Φ(x), and its gradient, elementwise.
import * as tf from '@tensorflow/tfjs-node';

/** 1 / √(2π) */
const density0 = 1 / Math.sqrt(2 * Math.PI);

interface GeluSaved {
  readonly x: tf.Tensor;
  /** Φ(x) */
  readonly cumulative: tf.Tensor;
}

export function gelu(x: tf.Tensor): { y: tf.Tensor; saved: GeluSaved } {
  const { y, cumulative } = tf.tidy(() => {
    const erf = tf.erf(tf.mul(x, Math.SQRT1_2));
    const cumulative = tf.add(tf.mul(erf, 0.5), 0.5);
    return { y: tf.mul(x, cumulative), cumulative };
  });
  return { y, saved: { x, cumulative } };
}

/** dy·(Φ(x) + x·φ(x)) */
export function geluGradient(dy: tf.Tensor, { x, cumulative }: GeluSaved): tf.Tensor {
  return tf.tidy(() => {
    const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), density0);
    return tf.mul(dy, tf.add(cumulative, tf.mul(x, density)));
  });
}
