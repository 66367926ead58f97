import { expect, test } from 'vitest';
import { assertClose } from '../backends/reference/compare.ts';
import {
  crossEntropy,
  distillationLoss,
  type LogitLoss,
  mixLosses,
  squaredError,
} from './losses.ts';

const logits = Float32Array.of(1, -2, 0.5, 0.25, 3, -1);
const teacher = Float32Array.of(0, 1, -1, 2, 2.5, 0);

test.each<[string, (x: Float32Array) => LogitLoss]>([
  ['cross-entropy', (x) => crossEntropy(x, [2, 1])],
  ['distillation', (x) => distillationLoss(x, teacher, 2, 2)],
  ['squared error', (x) => squaredError(x, teacher)],
  ['mixture', (x) => mixLosses(0.3, crossEntropy(x, [2, 1]), 0.7, squaredError(x, teacher))],
])('%s: gradient follows finite differences', (_, loss) => {
  const numeric = Array.from(logits, (_value, index) => {
    const moved = (step: number) =>
      loss(logits.map((value, at) => (at === index ? value + step : value))).value;
    return (moved(2 ** -8) - moved(-(2 ** -8))) / 2 ** -7;
  });
  const { gradient } = loss(logits);
  assertClose(
    { shape: [6], values: gradient },
    { shape: [6], values: numeric },
    { atol: 1e-5, rtol: 1e-3 },
  );
});

test('values by hand', () => {
  expect(crossEntropy(Float32Array.of(0, 0), [1]).value).toBeCloseTo(Math.log(2), 12);
  expect(squaredError(Float32Array.of(1, 3), [1, 1]).value).toBe(2);
  expect(distillationLoss(teacher, teacher, 2, 3).value).toBeCloseTo(0, 12);
  // Large logits do not overflow.
  expect(crossEntropy(Float32Array.of(1000, 0), [1]).value).toBe(1000);
});

test('KL with temperature 1 is cross-entropy less the entropy of the teacher', () => {
  const x = Float32Array.of(0.3, -0.7);
  const t = Float32Array.of(2, 0);
  const p = 1 / (1 + Math.exp(-2));
  const q = 1 / (1 + Math.exp(-1));
  // f32 rounding of 0.3 and −0.7
  const expected = p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
  expect(distillationLoss(x, t, 1, 1).value).toBeCloseTo(expected, 6);
});
