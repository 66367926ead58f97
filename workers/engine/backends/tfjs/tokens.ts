// Embedding tables by token, and the first token of each sequence. T = B·N tokens.
import * as tf from '@tensorflow/tfjs-node';
import type { AttentionShape } from '../attention.ts';

/** (T, H): the sum of a row of each table. */
export function embed(tables: readonly tf.Tensor[], indices: readonly Int32Array[]): tf.Tensor {
  return tf.tidy(() =>
    tf.addN(tables.map((table, at) => tf.gather(table, tf.tensor1d(indices[at]!, 'int32')))),
  );
}

/** Dense gradient of a table (rows, H): rows that occur twice are summed in token order. */
export function embedGradient(dy: tf.Tensor, indices: Int32Array, rows: number): tf.Tensor2D {
  const hidden = dy.shape[1] ?? 0;
  const values = dy.dataSync();
  const table = new Float32Array(rows * hidden);
  for (let token = 0; token < indices.length; token++) {
    const to = indices[token]! * hidden;
    const from = token * hidden;
    for (let k = 0; k < hidden; k++) table[to + k] = table[to + k]! + values[from + k]!;
  }
  return tf.tensor2d(table, [rows, hidden]);
}

/** (T, H) → (B, H) */
export function firstTokens(x: tf.Tensor, { batch, tokens }: AttentionShape): tf.Tensor {
  const hidden = x.shape[1] ?? 0;
  return tf.tidy(() => {
    const split = tf.reshape(x, [batch, tokens * hidden]);
    return tf.slice(split, [0, 0], [batch, hidden]);
  });
}

/** (B, H) → (T, H), zero elsewhere: the gradient of firstTokens. */
export function spreadFirstTokens(x: tf.Tensor, { batch, tokens }: AttentionShape): tf.Tensor {
  const hidden = x.shape[1] ?? 0;
  return tf.tidy(() => {
    const padded = tf.pad(x, [
      [0, 0],
      [0, (tokens - 1) * hidden],
    ]);
    return tf.reshape(padded, [batch * tokens, hidden]);
  });
}
