// Alignment: squared error of hidden states or contexts relative to the teacher's, over real tokens.
import * as tf from '@tensorflow/tfjs-node';

export interface AlignLoss {
  /** A scalar on the device. */
  readonly value: tf.Tensor;
  /** (T, H) */
  readonly gradient: tf.Tensor2D;
}

/** (T, 1): 1 at real tokens, 0 at padding. */
export function tokenMask(lengths: Int32Array, tokens: number): tf.Tensor2D {
  const mask = new Float32Array(lengths.length * tokens);
  for (const [row, length] of lengths.entries()) mask.fill(1, row * tokens, row * tokens + length);
  return tf.tensor2d(mask, [mask.length, 1]);
}

/** weight · Σ(s − t)² / Σt²; relative, so that layers and kinds of state count alike. */
export function alignLoss(
  student: tf.Tensor2D,
  teacher: tf.Tensor2D,
  mask: tf.Tensor2D,
  weight: number,
): AlignLoss {
  return tf.tidy(() => {
    const target = tf.mul(teacher, mask);
    const difference = tf.sub(tf.mul(student, mask), target);
    const scale = tf.div(weight, tf.sum(tf.square(target)));
    const value = tf.mul(tf.sum(tf.square(difference)), scale);
    const gradient = tf.mul(difference, tf.mul(scale, 2)) as tf.Tensor2D;
    return { value, gradient };
  });
}
