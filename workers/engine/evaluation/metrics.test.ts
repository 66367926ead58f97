// Expected values by hand, and of Python's statistics.correlation on the same arrays.
import { expect, test } from 'vitest';
import { accuracy, binaryF1, matthews, pearson, predictClasses, spearman } from './metrics.ts';

const labels = [1, 0, 1, 1, 0, 0, 1, 0];
const predicted = [1, 0, 0, 1, 1, 0, 1, 0];

test('classification', () => {
  expect(accuracy(predicted, labels)).toBe(0.75);
  expect(binaryF1(predicted, labels)).toBe(0.75); // tp 3, fp 1, fn 1
  expect(matthews(predicted, labels)).toBe(0.5); // (3·3 − 1·1) / 16
  expect(matthews([1, 1, 1], [1, 0, 1])).toBe(0);
  expect(binaryF1([0, 0], [0, 0])).toBeNull();
  expect(accuracy([], [])).toBeNull();
  expect([...predictClasses(Float32Array.of(1, 2, 0, 3, 3, 1), 3)]).toEqual([1, 0]);
});

test('correlations', () => {
  const x = [1, 2, 3, 4, 5];
  const y = [2, 1, 4, 3, 7];
  expect(pearson(x, y)).toBeCloseTo(0.8241633836921342, 12);
  expect(spearman(x, y)).toBeCloseTo(0.8, 12);
  // Ties share ranks: 1, 2.5, 2.5, 4
  expect(spearman([1, 2, 2, 3], [1, 3, 2, 4])).toBeCloseTo(0.9486832981, 9);
  expect(pearson([1, 1], [1, 2])).toBeNull();
});
