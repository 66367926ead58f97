import { expect, test } from 'vitest';
import { openBackend } from '../backends/open-backend.ts';
import { assertClose } from '../backends/reference/compare.ts';
import { randomNormals } from '../data/random.ts';
import { evaluateModel } from '../evaluation/evaluate.ts';
import { expectCode } from '../test-support/expect-error.ts';
import { tinyDataset, tinyModel } from '../test-support/tiny-model.ts';
import { quantizeRows } from './int8.ts';
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

test('a quantized model answers almost as its f32 model', async () => {
  const model = tinyModel();
  const dataset = tinyDataset();
  const backend = await openBackend('tfjs', { threads: 1 });
  const input = { backend, dataset, split: 'test', batchSize: 8, maxLength: 16 } as const;
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
