import * as tf from '@tensorflow/tfjs-node';
import { expect, test } from 'vitest';
import { randomNormals } from '../data/random.ts';
import { evaluateModel } from '../evaluation/evaluate.ts';
import { assertClose } from '../kernels/compare.ts';
import { int8Linear } from '../kernels/int8-linear.ts';
import { expectCode } from '../test-support/expect-error.ts';
import { tinyDataset, tinyModel } from '../test-support/tiny-model.ts';
import { int8LinearReference, quantizeRows } from './int8.ts';
import { quantizeModel } from './quantize-model.ts';

function normals(seed: number, count: number): Float32Array {
  const next = randomNormals(seed, 0);
  return Float32Array.from({ length: count }, () => next());
}

test('values are within half a step, scales per row or one', () => {
  const weights = normals(1, 60).map((value, at) => (at < 20 ? 10 * value : value));
  const rows = quantizeRows(weights, 20, 'per-channel');
  for (const [at, value] of rows.values.entries()) {
    const scale = rows.scales[Math.floor(at / 20)]!;
    expect(Math.abs(value * scale - weights[at]!)).toBeLessThanOrEqual(scale * 0.5001);
  }
  expect(Math.max(...rows.values.subarray(0, 20).map(Math.abs))).toBe(127);
  const whole = quantizeRows(weights, 20, 'per-tensor');
  expect(new Set(whole.scales).size).toBe(1);
  expect(quantizeRows(new Float32Array(4), 2, 'per-channel')).toEqual({
    values: new Int8Array(4),
    scales: Float32Array.of(1, 1),
  });
});

test('ties go to even, and −128 is never used', () => {
  const { values } = quantizeRows(
    Float32Array.of(-127, 0.5, 1.5, 2.5, -0.5, -1.5),
    6,
    'per-channel',
  );
  expect([...values]).toEqual([-127, 0, 2, 2, 0, -2]);
});

test.each([64, 1024, 1536])('tensors compute what integers do, %i columns', (columns) => {
  const [x, bias] = [normals(1, 3 * columns), normals(3, 4)];
  const matrix = quantizeRows(normals(2, 4 * columns), columns, 'per-channel');
  x.fill(0, 0, columns); // a token of zeros
  const tensors = {
    values: tf.tensor2d(Float32Array.from(matrix.values), [4, columns]),
    scales: tf.tensor1d(matrix.scales),
  };
  const y = int8Linear(tf.tensor2d(x, [3, columns]), tensors, tf.tensor1d(bias));
  const expected = int8LinearReference(x, matrix, bias, columns);
  // Sums are exact; what is left is f32 rounding of the scales' product.
  assertClose(
    { shape: y.shape, values: y.dataSync() },
    { shape: [3, 4], values: expected },
    { atol: 1e-6, rtol: 2e-6 },
  );
});

test('a block of the largest integers is summed exactly', () => {
  const columns = 1536;
  const ones = new Float32Array(columns).fill(1);
  ones[0] = -1;
  const matrix = quantizeRows(ones, columns, 'per-channel');
  const tensors = {
    values: tf.tensor2d(Float32Array.from(matrix.values), [1, columns]),
    scales: tf.tensor1d([1]),
  };
  const y = int8Linear(
    tf.tensor2d(new Float32Array(columns).fill(127), [1, columns]),
    tensors,
    tf.tensor1d([0]),
  );
  expect(y.dataSync()[0]).toBe((columns - 2) * 127 * 127);
});

test('a quantized model answers almost as its f32 model', async () => {
  const model = tinyModel();
  const dataset = tinyDataset();
  const input = { dataset, split: 'test', batchSize: 8, maxLength: 16 } as const;
  const f32 = await evaluateModel({ ...input, model });
  for (const granularity of ['per-channel', 'per-tensor'] as const) {
    const int8 = await evaluateModel({ ...input, model: quantizeModel(model, { granularity }) });
    expect(int8.logits).not.toEqual(f32.logits);
    const shape = [f32.logits.length];
    assertClose(
      { shape, values: int8.logits },
      { shape, values: f32.logits },
      { atol: 0.05, rtol: 0.05 },
    );
  }
});

test('quantizing twice is refused', async () => {
  const once = quantizeModel(tinyModel(), { granularity: 'per-channel' });
  await expectCode(() => quantizeModel(once, { granularity: 'per-channel' }), 'INPUT_INVALID');
});
