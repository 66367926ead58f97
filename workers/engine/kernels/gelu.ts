// Exact GELU, x·Φ(x), and its gradient, elementwise.
import * as tf from '@tensorflow/tfjs-node';

const rootHalf = Math.SQRT1_2;
/** 1 / √(2π) */
const density0 = 1 / Math.sqrt(2 * Math.PI);

export interface GeluResult {
  readonly y: tf.Tensor2D;
  /** Φ(x), for the gradient. */
  readonly cumulative: tf.Tensor2D;
}

export function gelu(x: tf.Tensor): GeluResult {
  return tf.tidy(() => {
    const erf = tf.erf(tf.mul(x, rootHalf));
    const cumulative = tf.add(tf.mul(erf, 0.5), 0.5) as tf.Tensor2D;
    return { y: tf.mul(x, cumulative) as tf.Tensor2D, cumulative };
  });
}

/** dy·(Φ(x) + x·φ(x)) */
export function geluGradient(dy: tf.Tensor, x: tf.Tensor, cumulative: tf.Tensor): tf.Tensor2D {
  return tf.tidy(() => {
    const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), density0);
    return tf.mul(dy, tf.add(cumulative, tf.mul(x, density))) as tf.Tensor2D;
  });
}

/** GELU of one number in f64; erf by its series, or its continued fraction for large arguments. */
export function geluReference(x: number): number {
  return 0.5 * x * (1 + erf(x * rootHalf));
}

function erf(x: number): number {
  const z = Math.abs(x);
  if (z > 6) return Math.sign(x);
  if (z < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-18; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 80; n > 0; n--) fraction = n / 2 / (z + fraction);
  return Math.sign(x) * (1 - Math.exp(-z * z) / (z + fraction) / Math.sqrt(Math.PI));
}
