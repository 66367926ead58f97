import { expect, test } from 'vitest';
import {
  dotAttention,
  dotAttentionGradient,
  type Inhibitor,
  inhibitorAttention,
  inhibitorAttentionGradient,
  type QkGradient,
} from './attention.ts';
import { createKernels } from './create-kernels.ts';
import { createDropoutMask } from './dropout-mask.ts';
import { expectClose, random } from './test-support.ts';

const [batch, tokens, heads, features] = [2, 5, 2, 3];
const hidden = heads * features;
const kernels = createKernels({ threads: 2 });
const lengths = Int32Array.of(5, 3);
const projected = random(batch * tokens * 3 * hidden, 1);
const dContext = random(batch * tokens * hidden, 2);
const input = { projected, lengths, shape: { batch, tokens, heads, features } };
const [alpha, beta, gamma] = [Float32Array.of(0.2), Float32Array.of(1.5, -0.7), random(2, 3)];
const [seed, rate] = [11, 0.4];
const isKept = createDropoutMask(seed, rate);

/** Query (0), key (1) or value (2) of feature k. */
const value = (part: number, b: number, h: number, i: number, k: number): number =>
  projected[(b * tokens + i) * 3 * hidden + part * hidden + h * features + k]!;

const sum = (count: number, term: (index: number) => number): number =>
  Array.from({ length: count }, (_, index) => term(index)).reduce((a, b) => a + b, 0);

/** `of` each feature of a real token, 0 at padding. */
function expectContext(
  context: Float32Array,
  of: (b: number, h: number, i: number, k: number, n: number) => number,
): void {
  expectClose(context, (at) => {
    const row = Math.floor(at / hidden);
    const [b, i] = [Math.floor(row / tokens), row % tokens];
    const [h, k] = [Math.floor((at % hidden) / features), at % features];
    return i < lengths[b]! ? of(b, h, i, k, lengths[b]!) : 0;
  });
}

/** A share `dropped` of the keys left out. */
function inhibitor(dropped: number): Inhibitor {
  const keyDropout = dropped > 0 ? { seed, rate: dropped } : null;
  return { alpha, beta, gamma, normalise: true, centerOverAll: false, keyDropout };
}

function runInhibitor(dropped: number): Float32Array {
  const context = new Float32Array(batch * tokens * hidden).fill(9);
  inhibitorAttention(kernels, input, context, inhibitor(dropped));
  return context;
}

function runInhibitorGradient(scalars: Float32Array, qkGradient: QkGradient): Float32Array {
  const to = new Float32Array(projected.length).fill(9);
  inhibitorAttentionGradient(kernels, input, dContext, to, scalars, inhibitor(rate), qkGradient);
  return to;
}

test('the dot product is that of plain loops, whatever lies around a view', () => {
  const memory = new Float32Array(batch * tokens * hidden + 8).fill(7);
  const context = memory.subarray(3, memory.length - 5);
  dotAttention(kernels, input, context, null);
  expectContext(context, (b, h, i, k, n) => {
    const weight = (j: number) =>
      Math.exp(
        sum(features, (x) => value(0, b, h, i, x) * value(1, b, h, j, x)) / Math.sqrt(features),
      );
    return sum(n, (j) => weight(j) * value(2, b, h, j, k)) / sum(n, weight);
  });
  expect([...memory.subarray(0, 3), ...memory.subarray(-5)]).toEqual(Array(8).fill(7));
});

test.each([0, rate])('the inhibitor is that of plain loops, %f of keys left out', (dropped) => {
  expectContext(runInhibitor(dropped), (b, h, i, k, n) => {
    const distance = (j: number) =>
      sum(features, (x) => Math.abs(value(0, b, h, i, x) - value(1, b, h, j, x)));
    const mean = sum(n, distance) / n;
    const slope = gamma[h]! / Math.sqrt(features);
    const passed = sum(n, (j) => {
      if (dropped > 0 && isKept(b * tokens + j) === 0) return 0;
      const z = Math.max(slope * (distance(j) - mean) + alpha[0]!, 0);
      const v = value(2, b, h, j, k);
      return Math.sign(v) * Math.max(Math.abs(v) - z, 0);
    });
    return (beta[h]! * passed) / n;
  });
});

test('gradients are 0 at padding and at values of dropped keys, β has one for each head', () => {
  const scalars = new Float32Array(5);
  const dProjected = runInhibitorGradient(scalars, 'sign');
  expect(dProjected.subarray((tokens + 3) * 3 * hidden).every((x) => x === 0)).toBe(true);
  for (let token = 0; token < tokens; token++) {
    const row = dProjected.subarray(token * 3 * hidden + 2 * hidden, (token + 1) * 3 * hidden);
    expect(row.every((x) => x === 0)).toBe(isKept(token) === 0);
  }
  // the sum is linear in β: Σ β·∂β = Σ context·∂context
  const context = runInhibitor(rate);
  const product = sum(context.length, (at) => context[at]! * dContext[at]!);
  expect(beta[0]! * scalars[3]! + beta[1]! * scalars[4]!).toBeCloseTo(product, 5);
  expect(runInhibitorGradient(scalars, 'clamp')).not.toEqual(dProjected);
});

test("the dot product's weights sum to 1: so do their gradients to values", () => {
  const context = new Float32Array(batch * tokens * hidden);
  const logSumExp = new Float32Array(batch * heads * tokens);
  dotAttention(kernels, input, context, logSumExp);
  const dProjected = new Float32Array(projected.length);
  dotAttentionGradient(kernels, input, context, logSumExp, dContext, dProjected);
  const total = (rows: Float32Array, width: number, from: number) =>
    sum(3, (i) => rows[(tokens + i) * width + from]!);
  expect(total(dProjected, 3 * hidden, 2 * hidden)).toBeCloseTo(total(dContext, hidden, 0), 5);
});

test('what does not fit is refused by name', () => {
  const context = new Float32Array(batch * tokens * hidden);
  const dot = (lengths: Int32Array, to: Float32Array) => () =>
    dotAttention(kernels, { ...input, lengths }, to, null);
  expect(dot(lengths, context.subarray(1))).toThrow(/context has 59 values/);
  expect(dot(Int32Array.of(5), context)).toThrow(/lengths has 1/);
  expect(dot(Int32Array.of(5, 6), context)).toThrow(/a length of 6/);
  expect(dot(lengths, projected.subarray(0, context.length))).toThrow(/overlaps/);
  expect(() => runInhibitor(1)).toThrow(/dropout rate of 1/);
  expect(() => runInhibitorGradient(new Float32Array(4), 'sign')).toThrow(/scalars has 4/);
  const unknown = 'cosine' as QkGradient;
  expect(() => runInhibitorGradient(new Float32Array(5), unknown)).toThrow(/cosine/);
});
