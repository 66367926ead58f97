// Inhibitor attention in plain loops and f64, by equation (5) of arXiv 2310.02041: the oracle of every kernel.
import type { InhibitorAttention } from '../../models/config.ts';
import type { AttentionShape } from '../attention.ts';

/** Context (B·N, hidden) of projected (B·N, 3·hidden); zero at padded queries. */
export function inhibitorReference(
  { batch, tokens, heads, features }: AttentionShape,
  projected: ArrayLike<number>,
  lengths: ArrayLike<number>,
  config: InhibitorAttention,
  { alpha, beta, gamma }: { alpha: number; beta: ArrayLike<number>; gamma: number },
): Float64Array {
  const hidden = heads * features;
  const context = new Float64Array(batch * tokens * hidden);
  // part: 0 query, 1 key, 2 value
  const at = (part: number, b: number, h: number, i: number, k: number): number =>
    projected[(b * tokens + i) * 3 * hidden + part * hidden + h * features + k]!;
  for (let b = 0; b < batch; b++) {
    const valid = lengths[b]!;
    const centred = config.centerOver === 'all' ? tokens : valid;
    for (let h = 0; h < heads; h++) {
      const scale = beta[beta.length === 1 ? 0 : h]! / (config.normalise === 'none' ? 1 : valid);
      for (let i = 0; i < valid; i++) {
        const z = new Float64Array(centred);
        for (let j = 0; j < centred; j++) {
          let distance = 0;
          for (let k = 0; k < features; k++) {
            distance += Math.abs(at(0, b, h, i, k) - at(1, b, h, j, k));
          }
          z[j] = (gamma / Math.sqrt(features)) * distance;
        }
        const mean = z.reduce((sum, value) => sum + value, 0) / centred;
        for (let j = 0; j < centred; j++) z[j] = Math.max(z[j]! - mean + alpha, 0);
        for (let k = 0; k < features; k++) {
          let sum = 0;
          for (let j = 0; j < valid; j++) {
            const value = at(2, b, h, j, k);
            sum +=
              Math.max(Math.max(value, 0) - z[j]!, 0) + Math.min(Math.min(value, 0) + z[j]!, 0);
          }
          context[(b * tokens + i) * hidden + h * features + k] = scale * sum;
        }
      }
    }
  }
  return context;
}

/** Scaled dot-product attention in the same form. */
export function dotReference(
  { batch, tokens, heads, features }: AttentionShape,
  projected: ArrayLike<number>,
  lengths: ArrayLike<number>,
): Float64Array {
  const hidden = heads * features;
  const context = new Float64Array(batch * tokens * hidden);
  const at = (part: number, b: number, h: number, i: number, k: number): number =>
    projected[(b * tokens + i) * 3 * hidden + part * hidden + h * features + k]!;
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      for (let i = 0; i < lengths[b]!; i++) {
        const scores = Array.from({ length: lengths[b]! }, (_, j) => {
          let score = 0;
          for (let k = 0; k < features; k++) score += at(0, b, h, i, k) * at(1, b, h, j, k);
          return score / Math.sqrt(features);
        });
        const top = Math.max(...scores);
        const total = scores.reduce((sum, score) => sum + Math.exp(score - top), 0);
        for (let k = 0; k < features; k++) {
          context[(b * tokens + i) * hidden + h * features + k] = scores.reduce(
            (sum, score, j) => sum + (Math.exp(score - top) / total) * at(2, b, h, j, k),
            0,
          );
        }
      }
    }
  }
  return context;
}
