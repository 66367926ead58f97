// Inhibitor kernel against equation (5) in f64, and its gradient against finite differences.
import * as tf from '@tensorflow/tfjs-node';
import { describe, expect, test } from 'vitest';
import { randomNumbers } from '../data/random.ts';
import type { InhibitorAttention } from '../models/config.ts';
import { assertClose } from './compare.ts';
import { inhibitorAttention } from './inhibitor-attention.ts';
import { inhibitorReference } from './inhibitor-reference.ts';

const shape = { batch: 3, tokens: 6, heads: 2, features: 5 };
const { batch, tokens, heads, features } = shape;
const hidden = heads * features;
const lengths = Int32Array.of(6, 4, 1);
const scalars = { alpha: 0.3, beta: Float32Array.of(1.2, 0.7), gamma: 0.8 };

const variants: InhibitorAttention[] = (['none', 'validKeys'] as const).flatMap((normalise) =>
  (['valid', 'all'] as const).map((centerOver) => ({
    kind: 'inhibitor',
    normalise,
    centerOver,
    qkGradient: 'sign',
  })),
);

function sample(seed: number, count: number): Float32Array {
  const next = randomNumbers(seed, 0);
  return Float32Array.from({ length: count }, () => 2 * next() - 1);
}

function input(config: InhibitorAttention, values: Float32Array) {
  const projected = tf.tensor2d(values, [batch * tokens, 3 * hidden]);
  return { shape, projected, lengths, config, scalars };
}

describe.each(variants)('normalise $normalise, centerOver $centerOver', (config) => {
  const values = sample(7, batch * tokens * 3 * hidden);

  test('forward equals the reference', () => {
    const { context } = inhibitorAttention.forward(input(config, values), false);
    const expected = inhibitorReference(shape, values, lengths, config, scalars);
    assertClose(
      { shape: context.shape, values: context.dataSync() },
      { shape: [batch * tokens, hidden], values: expected },
    );
  });

  test('gradient equals finite differences', () => {
    const weights = sample(8, batch * tokens * hidden);
    zeroPaddedRows(weights);
    const loss = (
      at: ArrayLike<number>,
      s: { alpha: number; beta: ArrayLike<number>; gamma: number },
    ) =>
      inhibitorReference(shape, at, lengths, config, s).reduce(
        (sum, value, index) => sum + value * weights[index]!,
        0,
      );
    const pass = inhibitorAttention.forward(input(config, values), true);
    const gradient = pass.gradient(tf.tensor2d(weights, [batch * tokens, hidden]));
    const numeric = Float64Array.from(values, (_, index) =>
      difference((step) => {
        const moved = Float64Array.from(values);
        moved[index] = moved[index]! + step;
        return loss(moved, scalars);
      }),
    );
    assertClose(
      { shape: [values.length], values: gradient.projected.dataSync() },
      { shape: [values.length], values: numeric },
      { atol: 2e-5, rtol: 1e-3 },
    );
    const { alpha, beta, gamma } = scalars;
    const got = [gradient.scalars!.alpha, gradient.scalars!.gamma, ...gradient.scalars!.beta];
    const expected = [
      difference((step) => loss(values, { ...scalars, alpha: alpha + step })),
      difference((step) => loss(values, { ...scalars, gamma: gamma + step })),
      difference((step) => loss(values, { ...scalars, beta: [beta[0]! + step, beta[1]!] })),
      difference((step) => loss(values, { ...scalars, beta: [beta[0]!, beta[1]! + step] })),
    ];
    assertClose({ shape: [4], values: got }, { shape: [4], values: expected });
  });
});

test('one β for all heads sums the gradients of the heads', () => {
  const config = variants[0]!;
  const values = sample(9, batch * tokens * 3 * hidden);
  const dContext = tf.ones([batch * tokens, hidden]) as tf.Tensor2D;
  const run = (beta: Float32Array) =>
    inhibitorAttention
      .forward({ ...input(config, values), scalars: { ...scalars, beta } }, true)
      .gradient(dContext).scalars!.beta;
  const [first, second] = run(Float32Array.of(0.5, 0.5));
  expect(run(Float32Array.of(0.5))[0]).toBeCloseTo(first! + second!, 4);
});

test('equal query and key give no gradient, and clamp and difference follow the distance', () => {
  const values = sample(10, batch * tokens * 3 * hidden);
  const weights = tf.ones([batch * tokens, hidden]) as tf.Tensor2D;
  const run = (qkGradient: InhibitorAttention['qkGradient'], scale: number) => {
    const scaled = values.map((value, index) =>
      index % (3 * hidden) < 2 * hidden ? scale * value : value,
    );
    const config = { ...variants[2]!, qkGradient };
    const pass = inhibitorAttention.forward(input(config, scaled), true);
    return pass.gradient(weights).projected.dataSync();
  };
  // q = k = 0 everywhere: sign(0) = 0.
  const atZero = run('sign', 0);
  for (let index = 0; index < atZero.length; index++) {
    if (index % (3 * hidden) < 2 * hidden) expect(atZero[index]).toBe(0);
  }
  // Differences below 1: clamp and difference are the same; above 1 they are not.
  assertClose(
    { shape: [atZero.length], values: run('clamp', 0.4) },
    { shape: [atZero.length], values: run('difference', 0.4) },
  );
  expect(run('clamp', 3)).not.toEqual(run('difference', 3));
});

function zeroPaddedRows(weights: Float32Array): void {
  for (const [sequence, length] of lengths.entries()) {
    weights.fill(0, (sequence * tokens + length) * hidden, (sequence + 1) * tokens * hidden);
  }
}

/** Central difference; the step is far smaller than the distance to the next kink of these samples. */
function difference(at: (step: number) => number): number {
  const step = 1e-6;
  return (at(step) - at(-step)) / (2 * step);
}
