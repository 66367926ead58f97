// Dropout masks, drawn in JavaScript and stored: (seed, step, site) decides them.
import * as tf from '@tensorflow/tfjs-node';
import { mix, randomWords, streams } from '../../data/random.ts';
import type { DropoutKey } from '../backend.ts';

/** 0 or 1/(1 − rate); rates are multiples of 1/256, so that one random word decides four elements. */
export function dropoutMask(
  { rate, seed, step, site }: DropoutKey,
  shape: readonly number[],
): tf.Tensor {
  const threshold = rate * 256;
  const scale = 256 / (256 - threshold);
  const next = randomWords(mix(seed, streams.dropout, site), step);
  const mask = new Float32Array(shape.reduce((product, size) => product * size, 1));
  const quads = mask.length & ~3;
  for (let at = 0; at < quads; at += 4) {
    const word = next();
    mask[at] = (word & 255) < threshold ? 0 : scale;
    mask[at + 1] = ((word >>> 8) & 255) < threshold ? 0 : scale;
    mask[at + 2] = ((word >>> 16) & 255) < threshold ? 0 : scale;
    mask[at + 3] = word >>> 24 < threshold ? 0 : scale;
  }
  for (let at = quads; at < mask.length; at++) mask[at] = next() >>> 24 < threshold ? 0 : scale;
  return tf.tensor(mask, [...shape]);
}

export function applyMask(x: tf.Tensor, mask: tf.Tensor | null): tf.Tensor {
  return mask ? tf.mul(x, mask) : x;
}
