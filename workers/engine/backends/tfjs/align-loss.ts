// Squared error of a student's states relative to the teacher's, over real tokens.
import * as tf from '@tensorflow/tfjs-node';

/** weight · Σ(s − t)² / Σt², and its gradient (T, H). */
export function alignLoss(
  student: tf.Tensor,
  teacher: tf.Tensor,
  lengths: Int32Array,
  weight: number,
): { value: number; gradient: tf.Tensor } {
  const { value, gradient } = tf.tidy(() => {
    const mask = tokenMask(lengths, (student.shape[0] ?? 0) / lengths.length);
    const target = tf.mul(teacher, mask);
    const difference = tf.sub(tf.mul(student, mask), target);
    const scale = tf.div(weight, tf.sum(tf.square(target)));
    const value = tf.mul(tf.sum(tf.square(difference)), scale);
    const gradient = tf.mul(difference, tf.mul(scale, 2));
    return { value, gradient };
  });
  const number = value.dataSync()[0]!;
  value.dispose();
  return { value: number, gradient };
}

/** (T, 1): 1 at real tokens, 0 at padding. */
function tokenMask(lengths: Int32Array, tokens: number): tf.Tensor2D {
  const mask = new Float32Array(lengths.length * tokens);
  for (const [row, length] of lengths.entries()) mask.fill(1, row * tokens, row * tokens + length);
  return tf.tensor2d(mask, [mask.length, 1]);
}
