// Dropout masks as a function of (seed, step, site): the same after a resume.
import * as tf from '@tensorflow/tfjs-node';
import { mix, randomWords, streams } from '../data/random.ts';

/** Gives the mask of one site, or null where nothing is dropped. */
export type Dropout = (site: number, rows: number, columns: number) => tf.Tensor2D | null;

export const noDropout: Dropout = () => null;

/** Masks with 0 or 1/(1−p); p is rounded to 1/256, so that one random word decides four elements. */
export function createDropout(rate: number, seed: number, step: number): Dropout {
  const threshold = Math.round(rate * 256);
  if (threshold === 0) return noDropout;
  const scale = 256 / (256 - threshold);
  return (site, rows, columns) => {
    const next = randomWords(mix(seed, streams.dropout, site), step);
    const mask = new Float32Array(rows * columns);
    const quads = mask.length & ~3;
    for (let at = 0; at < quads; at += 4) {
      const word = next();
      mask[at] = (word & 255) < threshold ? 0 : scale;
      mask[at + 1] = ((word >>> 8) & 255) < threshold ? 0 : scale;
      mask[at + 2] = ((word >>> 16) & 255) < threshold ? 0 : scale;
      mask[at + 3] = word >>> 24 < threshold ? 0 : scale;
    }
    for (let at = quads; at < mask.length; at++) mask[at] = next() >>> 24 < threshold ? 0 : scale;
    return tf.tensor2d(mask, [rows, columns]);
  };
}
