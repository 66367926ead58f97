import { expect, test } from 'vitest';
import { learningRate } from './schedule.ts';
import { batchOrder, sortedBatches } from './order.ts';

const lengths = Array.from({ length: 1000 }, (_, index) => 5 + ((index * 7919) % 50));

test('every example once per epoch; the order is a function of seed and epoch', () => {
  const order = batchOrder(lengths, 32, 1, 0);
  expect(order.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, index) => index));
  expect(batchOrder(lengths, 32, 1, 0)).toEqual(order);
  expect(batchOrder(lengths, 32, 1, 1)).not.toEqual(order);
  expect(batchOrder(lengths, 32, 2, 0)).not.toEqual(order);
});

test('texts of a batch have like lengths, and batches do not come sorted', () => {
  const order = batchOrder(lengths, 32, 1, 0);
  const spread = order.map((batch) => {
    const of = batch.map((index) => lengths[index]!);
    return Math.max(...of) - Math.min(...of);
  });
  expect(Math.max(...spread)).toBeLessThan(10);
  const first = order.map((batch) => lengths[batch[0]!]!);
  expect(first).not.toEqual([...first].sort((a, b) => a - b));
});

test('evaluation goes by length', () => {
  const order = sortedBatches(lengths, 64).flat();
  expect(order).toHaveLength(1000);
  for (let at = 1; at < order.length; at++) {
    expect(lengths[order[at]!]!).toBeGreaterThanOrEqual(lengths[order[at - 1]!]!);
  }
});

test('learning rates', () => {
  const options = { batchSize: 1, learningRate: 1, warmup: 0.1, weightDecay: 0, maxGradNorm: 1 };
  const rates = (schedule: 'linear' | 'cosine' | 'constant') =>
    Array.from({ length: 100 }, (_, step) => learningRate({ ...options, schedule }, step, 100));
  for (const schedule of ['linear', 'cosine', 'constant'] as const) {
    const all = rates(schedule);
    expect(all[0]).toBeCloseTo(1 / 11, 12);
    expect(all[10]).toBe(1);
    expect(all[9]).toBeLessThan(1);
  }
  expect(rates('linear')[55]).toBeCloseTo(0.5, 12);
  expect(rates('cosine')[55]).toBeCloseTo(0.5, 12);
  expect(rates('cosine')[99]).toBeLessThan(0.001);
  expect(rates('constant')[99]).toBe(1);
});
