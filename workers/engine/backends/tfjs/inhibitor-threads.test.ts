// The helper threads: the same bits as one thread, forward and backward.
import * as tf from '@tensorflow/tfjs-node';
import { expect, test } from 'vitest';
import { randomNormals } from '../../data/random.ts';
import { InhibitorAttention } from './inhibitor-attention.ts';
import { InhibitorThreads } from './inhibitor-threads.ts';

const shape = { batch: 8, tokens: 40, heads: 4, features: 32 };
const [rows, hidden] = [shape.batch * shape.tokens, shape.heads * shape.features];
const lengths = Int32Array.of(40, 3, 17, 40, 1, 22, 39, 12);
const config = {
  kind: 'inhibitor',
  normalise: 'validKeys',
  centerOver: 'valid',
  qkGradient: 'sign',
} as const;

function normals(seed: number, count: number): Float32Array {
  const next = randomNormals(seed, 0);
  return Float32Array.from({ length: count }, () => next());
}

function compute(kernel: InhibitorAttention, seed: number): Uint8Array[] {
  const projected = tf.tensor2d(normals(seed, rows * 3 * hidden), [rows, 3 * hidden]);
  const scalars = { alpha: 0.4, beta: Float32Array.of(1, 0.5, 2, 1.5), gamma: 0.6 };
  const input = { shape, projected, lengths, config, scalars };
  const { context, saved } = kernel.forward(input, true);
  const dContext = tf.tensor2d(normals(seed + 1, rows * hidden), [rows, hidden]);
  const gradient = kernel.gradient(saved!, dContext);
  const { alpha, beta, gamma } = gradient.scalars;
  const arrays = [context.dataSync(), gradient.projected.dataSync(), beta];
  kernel.releaseKept();
  expect(() => kernel.gradient(saved!, dContext)).toThrow(/ended/);
  const sums = new Uint8Array(Float64Array.of(alpha, gamma).buffer);
  return [
    ...arrays.map((array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)),
    sums,
  ];
}

test('bits do not depend on the number of threads', async () => {
  const one = new InhibitorAttention(new InhibitorThreads(1));
  const alone = [compute(one, 1), compute(one, 5)];
  const threads = new InhibitorThreads(3);
  const three = new InhibitorAttention(threads);
  // While the helpers start, and with them; twice each, so that buffers are used again.
  for (let round = 0; round < 2; round++) expectSame([compute(three, 1), compute(three, 5)], alone);
  await threads.ready();
  for (let round = 0; round < 2; round++) expectSame([compute(three, 1), compute(three, 5)], alone);
  await threads.close();
});

function expectSame(actual: Uint8Array[][], expected: Uint8Array[][]): void {
  for (const [pass, arrays] of expected.entries()) {
    for (const [index, bytes] of arrays.entries()) {
      expect(Buffer.compare(actual[pass]![index]!, bytes)).toBe(0);
    }
  }
}
