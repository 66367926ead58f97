import { expect, test } from 'vitest';
import {
  createKernels,
  dotAttention,
  inhibitorAttention,
  int8DotAttention,
  int8InhibitorAttention,
  listVariants,
  measurePeak,
} from '../index.ts';
import { random } from './test-support.ts';

const variants = listVariants().filter(({ missing }) => missing.length === 0);
const shape = { batch: 2, tokens: 33, heads: 3, features: 16 };
const size = shape.batch * shape.tokens * shape.heads * shape.features;
const lengths = Int32Array.of(33, 20);
const input = { projected: random(3 * size, 5), lengths, shape };
const inhibitor = {
  alpha: Float32Array.of(0.5),
  beta: Float32Array.of(1, 1.2, 1.4),
  gamma: Float32Array.of(0.8),
  normalise: true,
  centerOverAll: false,
  keyDropout: null,
};

function both(variant: string | undefined, threads: number): Float32Array[] {
  const kernels = createKernels({ variant, threads });
  const [dot, other] = [new Float32Array(size).fill(7), new Float32Array(size).fill(7)];
  int8DotAttention(kernels, input, dot);
  int8InhibitorAttention(kernels, input, other, inhibitor);
  return [dot, other];
}

test.each(variants)('$name is near f32 and the same bits with two threads', ({ name }) => {
  const kernels = createKernels({ threads: 1 });
  const exact = [new Float32Array(size), new Float32Array(size)] as const;
  dotAttention(kernels, input, exact[0], null);
  inhibitorAttention(kernels, input, exact[1], inhibitor);
  const found = both(name, 1);
  expect(both(name, 2)).toEqual(found);
  expect(found).toEqual(both(undefined, 1));
  found.forEach((context, which) => {
    const most = Math.max(...exact[which]!.map(Math.abs));
    context.forEach((value, at) => {
      expect(Math.abs(value - exact[which]![at]!)).toBeLessThanOrEqual(0.02 * most);
    });
    // padding
    expect(context.subarray(size - 13 * 48).every((value) => value === 0)).toBe(true);
  });
});

test('what does not fit is refused by name', () => {
  const kernels = createKernels({ threads: 1 });
  const context = new Float32Array(size);
  const refused = [
    [() => int8DotAttention(kernels, input, context.subarray(1)), /context has/],
    [
      () => int8DotAttention(kernels, { ...input, lengths: Int32Array.of(34, 1) }, context),
      /length of 34/,
    ],
    [() => int8DotAttention(kernels, input, input.projected.subarray(0, size)), /overlaps/],
    [
      () =>
        int8InhibitorAttention(kernels, input, context, {
          ...inhibitor,
          keyDropout: { seed: 1, rate: 0.1 },
        }),
      /keyDropout/,
    ],
    [
      () =>
        int8InhibitorAttention(kernels, input, context, {
          ...inhibitor,
          alpha: Float32Array.of(NaN),
        }),
      /finite/,
    ],
  ] as const;
  for (const [call, message] of refused) expect(call).toThrow(message);
});

test('the peak is a rate, of an arithmetic that there is', async () => {
  const kernels = createKernels({ threads: 1 });
  const rates = [await measurePeak(kernels, 'f32'), await measurePeak(kernels, 'int8')];
  for (const rate of rates) expect(rate).toBeGreaterThan(1e7);
  await expect(measurePeak(kernels, 'f16' as never)).rejects.toThrow(/f16/);
});
