// Scaled dot-product attention on tfjs operations.
import * as tf from '@tensorflow/tfjs-node';
import type { AttentionShape } from '../attention.ts';
import type { AttentionKernel, KernelInput } from './kernel.ts';
import { scope } from './scope.ts';

/** Added to scores of masked keys; exp of it is exactly 0 in f32. */
const maskedScore = -1e9;

export const dotAttention: AttentionKernel<DotSaved> = {
  name: 'dot-tfjs',
  kind: 'dot',
  forward,
  gradient,
};

/** (B, h, N, d) each; weights (B, h, N, N). */
interface DotSaved {
  readonly shape: AttentionShape;
  readonly q: tf.Tensor4D;
  readonly k: tf.Tensor4D;
  readonly v: tf.Tensor4D;
  readonly weights: tf.Tensor4D;
}

function forward(
  { shape, projected, lengths }: KernelInput,
  keep: boolean,
): { context: tf.Tensor; saved: DotSaved | null } {
  return scope(() => {
    const [q, k, v] = splitHeads(projected, shape); // (B, h, N, d) each
    const scores = tf.mul(tf.matMul(q, k, false, true), scaleOf(shape)); // (B, h, N, N)
    const masked = isPadded(lengths, shape.tokens)
      ? tf.add(scores, maskBias(lengths, shape.tokens))
      : scores;
    const weights = tf.softmax(masked) as tf.Tensor4D;
    const context = joinHeads(tf.matMul(weights, v) as tf.Tensor4D, shape);
    return { context, saved: keep ? { shape, q, k, v, weights } : null };
  });
}

function gradient(
  { shape, q, k, v, weights }: DotSaved,
  dContext: tf.Tensor,
): { projected: tf.Tensor } {
  return tf.tidy(() => {
    const dOut = splitOne(dContext, shape);
    const dv = tf.matMul(weights, dOut, true) as tf.Tensor4D;
    const dWeights = tf.matMul(dOut, v, false, true);
    const product = tf.mul(dWeights, weights);
    // Softmax: w·(dw − Σ w·dw), and the scale of the scores.
    const rowSum = tf.sum(product, -1, true);
    const dScores = tf.mul(tf.sub(product, tf.mul(weights, rowSum)), scaleOf(shape));
    const dq = tf.matMul(dScores, k) as tf.Tensor4D;
    const dk = tf.matMul(dScores, q, true) as tf.Tensor4D;
    return { projected: joinProjected(dq, dk, dv, shape) };
  });
}

function scaleOf({ features }: AttentionShape): number {
  return 1 / Math.sqrt(features);
}

function splitHeads(
  projected: tf.Tensor,
  { batch, tokens, heads, features }: AttentionShape,
): [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D] {
  const split = tf.reshape(projected, [batch, tokens, 3, heads, features]);
  const ordered = tf.transpose(split, [2, 0, 3, 1, 4]);
  return tf.unstack(ordered) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
}

function splitOne(x: tf.Tensor, { batch, tokens, heads, features }: AttentionShape): tf.Tensor4D {
  const split = tf.reshape(x, [batch, tokens, heads, features]);
  return tf.transpose(split, [0, 2, 1, 3]) as tf.Tensor4D;
}

function joinHeads(
  x: tf.Tensor4D,
  { batch, tokens, heads, features }: AttentionShape,
): tf.Tensor2D {
  const joined = tf.transpose(x, [0, 2, 1, 3]);
  return tf.reshape(joined, [batch * tokens, heads * features]);
}

function joinProjected(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  { batch, tokens, heads, features }: AttentionShape,
): tf.Tensor2D {
  const stacked = tf.transpose(tf.stack([q, k, v]), [1, 3, 0, 2, 4]);
  return tf.reshape(stacked, [batch * tokens, 3 * heads * features]);
}

function isPadded(lengths: Int32Array, tokens: number): boolean {
  return lengths.some((length) => length < tokens);
}

/** (B, 1, 1, N): 0 at real keys. */
function maskBias(lengths: Int32Array, tokens: number): tf.Tensor4D {
  const bias = new Float32Array(lengths.length * tokens);
  for (const [row, length] of lengths.entries()) {
    bias.fill(maskedScore, row * tokens + length, (row + 1) * tokens);
  }
  return tf.tensor4d(bias, [lengths.length, 1, 1, tokens]);
}
