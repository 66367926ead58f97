// The helper threads: the same bits as one thread, forward and backward.
import * as tf from '@tensorflow/tfjs-node';
import { afterAll, expect, test } from 'vitest';
import { randomNormals } from '../data/random.ts';
import { inhibitorAttention } from './inhibitor-attention.ts';
import { setKernelThreads } from './inhibitor-threads.ts';

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

function compute(seed: number): Uint8Array[] {
  const projected = tf.tensor2d(normals(seed, rows * 3 * hidden), [rows, 3 * hidden]);
  const scalars = { alpha: 0.4, beta: Float32Array.of(1, 0.5, 2, 1.5), gamma: 0.6 };
  const pass = inhibitorAttention.forward({ shape, projected, lengths, config, scalars }, true);
  const gradient = pass.gradient(tf.tensor2d(normals(seed + 1, rows * hidden), [rows, hidden]));
  const { alpha, beta, gamma } = gradient.scalars!;
  const arrays = [pass.context.dataSync(), gradient.projected.dataSync(), beta];
  pass.dispose();
  const sums = new Uint8Array(Float64Array.of(alpha, gamma).buffer);
  return [
    ...arrays.map((array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)),
    sums,
  ];
}

afterAll(() => setKernelThreads(1));

test('bits do not depend on the number of threads', async () => {
  const alone = [compute(1), compute(5)];
  const ready = setKernelThreads(3);
  // While the helpers start, and with them; twice each, so that buffers are used again.
  for (let round = 0; round < 2; round++) expectSame([compute(1), compute(5)], alone);
  await ready;
  for (let round = 0; round < 2; round++) expectSame([compute(1), compute(5)], alone);
});

function expectSame(actual: Uint8Array[][], expected: Uint8Array[][]): void {
  for (const [pass, arrays] of expected.entries()) {
    for (const [index, bytes] of arrays.entries()) {
      expect(Buffer.compare(actual[pass]![index]!, bytes)).toBe(0);
    }
  }
}
