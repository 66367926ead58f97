// Each tensor kernel against its reference in plain loops and f64.
import * as tf from '@tensorflow/tfjs-node';
import { expect, test } from 'vitest';
import { randomNormals } from '../data/random.ts';
import { assertClose, describeDifference } from './compare.ts';
import { dotAttention } from './dot-attention.ts';
import { createDropout } from './dropout.ts';
import { gelu, geluGradient, geluReference } from './gelu.ts';
import { dotReference } from './inhibitor-reference.ts';
import { layerNorm, layerNormGradient, layerNormReference } from './layer-norm.ts';
import { linear, linearReference } from './linear.ts';
import { attentionKernels, createRegistry } from './registry.ts';

function normals(seed: number, count: number): Float32Array {
  const next = randomNormals(seed, 0);
  return Float32Array.from({ length: count }, () => next());
}

/** Central differences of Σ weights·f(x) for every x. */
function numericGradient(
  x: Float32Array,
  weights: Float32Array,
  f: (x: Float64Array) => ArrayLike<number>,
): Float64Array {
  const dot = (y: ArrayLike<number>) => weights.reduce((sum, w, at) => sum + w * y[at]!, 0);
  return Float64Array.from(x, (_, index) => {
    const moved = (step: number) => {
      const copy = Float64Array.from(x);
      copy[index] = copy[index]! + step;
      return dot(f(copy));
    };
    return (moved(1e-5) - moved(-1e-5)) / 2e-5;
  });
}

test('linear', () => {
  const [x, weight, bias] = [normals(1, 12), normals(2, 20), normals(3, 5)];
  const y = linear(tf.tensor2d(x, [3, 4]), tf.tensor2d(weight, [5, 4]), tf.tensor1d(bias));
  const expected = linearReference(x, weight, bias, 4);
  assertClose({ shape: y.shape, values: y.dataSync() }, { shape: [3, 5], values: expected });
});

test('LayerNorm and its gradient', () => {
  const [x, weight, bias, dy] = [normals(1, 24), normals(2, 8), normals(3, 8), normals(4, 24)];
  const scale = tf.tensor1d(weight);
  const result = layerNorm(tf.tensor2d(x, [3, 8]), scale, tf.tensor1d(bias), 1e-6);
  const shape = [3, 8];
  const values = layerNormReference(x, weight, bias, 1e-6);
  assertClose({ shape, values: result.y.dataSync() }, { shape, values });
  const gradient = layerNormGradient(tf.tensor2d(dy, [3, 8]), result, scale);
  const numeric = numericGradient(x, dy, (at) => layerNormReference(at, weight, bias, 1e-6));
  assertClose({ shape, values: gradient.x.dataSync() }, { shape, values: numeric });
  const forWeight = numericGradient(weight, dy, (at) => layerNormReference(x, at, bias, 1e-6));
  assertClose(
    { shape: [8], values: gradient.weight.dataSync() },
    { shape: [8], values: forWeight },
  );
});

test('GELU and its gradient, near zero and far out', () => {
  const x = Float32Array.of(-12, -5, -2.6, -1, -1e-3, 0, 0.5, 2.4, 6, 30);
  const dy = normals(2, x.length);
  const input = tf.tensor2d(x, [1, x.length]);
  const { y, cumulative } = gelu(input);
  const shape = [1, x.length];
  assertClose({ shape, values: y.dataSync() }, { shape, values: [...x].map(geluReference) });
  const gradient = geluGradient(tf.tensor2d(dy, [1, x.length]), input, cumulative);
  const numeric = numericGradient(x, dy, (at) => [...at].map(geluReference));
  assertClose({ shape, values: gradient.dataSync() }, { shape, values: numeric });
});

test('dot-product attention and its gradient, with padding', () => {
  const shape = { batch: 2, tokens: 4, heads: 2, features: 3 };
  const lengths = Int32Array.of(4, 2);
  const values = normals(1, 8 * 18);
  const projected = tf.tensor2d(values, [8, 18]);
  const input = { shape, projected, lengths, config: { kind: 'dot' } as const };
  const pass = dotAttention.forward(input, true);
  const real = (x: ArrayLike<number>) => Array.from(x).fill(0, 6 * 6);
  const expected = dotReference(shape, values, lengths);
  assertClose(
    { shape: [8, 6], values: real(pass.context.dataSync()) },
    { shape: [8, 6], values: expected },
  );
  const dContext = normals(2, 48).fill(0, 6 * 6);
  const gradient = pass.gradient(tf.tensor2d(dContext, [8, 6]));
  const numeric = numericGradient(values, dContext, (at) => dotReference(shape, at, lengths));
  assertClose(
    { shape: [8, 18], values: gradient.projected.dataSync() },
    { shape: [8, 18], values: numeric },
  );
});

test('the comparison fails on NaN, shape and infinity, and names the worst element', () => {
  const of = (...values: number[]) => ({ shape: [values.length], values });
  expect(describeDifference(of(1, 2), of(1, 2.00001))).toBeNull();
  expect(describeDifference(of(NaN), of(NaN))).toMatch(/NaN where NaN/);
  expect(describeDifference(of(1), of(Infinity))).toMatch(/Infinity/);
  expect(describeDifference(of(Infinity), of(Infinity))).toBeNull();
  expect(describeDifference({ shape: [1, 2], values: [1, 2] }, of(1, 2))).toMatch(/shape/);
  const worst = { shape: [2, 2], values: [1, 2, 3.5, 4.1] };
  expect(describeDifference(worst, { shape: [2, 2], values: [1, 2, 3, 4] })).toMatch(/\[1, 0\]/);
});

test('dropout is a function of seed, step and site and keeps the mean', () => {
  const draw = (seed: number, step: number, site: number) =>
    createDropout(0.1, seed, step)(site, 200, 51)!.dataSync();
  const mask = draw(1, 2, 3);
  expect(draw(1, 2, 3)).toEqual(mask);
  for (const other of [draw(2, 2, 3), draw(1, 3, 3), draw(1, 2, 4)])
    expect(other).not.toEqual(mask);
  const mean = Array.from(mask).reduce((sum, value) => sum + value, 0) / mask.length;
  expect(Math.abs(mean - 1)).toBeLessThan(0.015);
  expect(new Set(mask).size).toBe(2);
  expect(createDropout(0, 1, 1)(1, 2, 2)).toBeNull();
});

test('two kernels of one name are refused', () => {
  expect(() => createRegistry([...attentionKernels, dotAttention])).toThrow(/dot-tfjs/);
});
