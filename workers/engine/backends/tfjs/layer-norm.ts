// LayerNorm of a sum over its last axis, and its gradient. All (T, H); weight, bias (H).
import * as tf from '@tensorflow/tfjs-node';
import { applyMask } from './dropout.ts';

interface NormInput {
  readonly x: tf.Tensor;
  readonly residual: tf.Tensor | null;
  readonly mask: tf.Tensor | null;
}

interface NormSaved {
  /** (x − mean) / deviation (T, H), and 1 / deviation (T, 1). */
  readonly normalised: tf.Tensor;
  readonly inverse: tf.Tensor;
  readonly mask: tf.Tensor | null;
}

export function layerNorm(
  { x, residual, mask }: NormInput,
  weight: tf.Tensor,
  bias: tf.Tensor,
  epsilon: number,
): { y: tf.Tensor; saved: NormSaved } {
  const { y, normalised, inverse } = tf.tidy(() => {
    const masked = applyMask(x, mask);
    const sum = residual ? tf.add(residual, masked) : masked;
    const centred = tf.sub(sum, tf.mean(sum, 1, true));
    const variance = tf.mean(tf.square(centred), 1, true);
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    const normalised = tf.mul(centred, inverse);
    const y = tf.add(tf.mul(normalised, weight), bias);
    return { y, normalised, inverse };
  });
  return { y, saved: { normalised, inverse, mask } };
}

/** ∂sum = inverse·(g − mean g − n·mean(g·n)) with g = dy·weight, n = normalised; ∂weight, ∂bias. */
export function layerNormGradient(
  dy: tf.Tensor,
  { normalised, inverse, mask }: NormSaved,
  weight: tf.Tensor,
): { residual: tf.Tensor; x: tf.Tensor; weight: tf.Tensor; bias: tf.Tensor } {
  return tf.tidy(() => {
    const product = tf.mul(dy, normalised);
    const g = tf.mul(dy, weight);
    const projection = tf.mul(normalised, tf.mean(tf.mul(product, weight), 1, true));
    const residual = tf.mul(tf.sub(tf.sub(g, tf.mean(g, 1, true)), projection), inverse);
    const x = applyMask(residual, mask);
    return { residual, x, weight: tf.sum(product, 0), bias: tf.sum(dy, 0) };
  });
}
