// GELU, LayerNorm, dropout and the pooler's activations against plain loops, gradients against differences.
import { describe, expect, test } from 'vitest';
import { geluReference } from '../reference/gelu.ts';
import { numericGradient } from '../reference/finite-differences.ts';
import { layerNormReference } from '../reference/layer-norm.ts';
import { everyVariant, expectTensor, normals } from './backends.ts';

describe.each(everyVariant)('%s', (_, backend) => {
  test('GELU and its gradient, near zero and far out', () => {
    const x = Float32Array.of(-12, -5, -2.6, -1, -1e-3, 0, 0.5, 2.4, 6, 30);
    const [shape, dy] = [[2, 5], normals(2, x.length)];
    const reference = (at: ArrayLike<number>) => Array.from(at, geluReference);
    backend.scope(() => {
      const { y, saved } = backend.gelu(backend.upload(x, shape));
      expectTensor(backend, y, shape, reference(x));
      const gradient = backend.geluGradient(backend.upload(dy, shape), saved);
      expectTensor(backend, gradient, shape, numericGradient(x, dy, reference));
    });
  });

  test.each([true, false])('LayerNorm of a sum and its gradients (residual, mask: %s)', (isSum) => {
    const [rows, hidden, epsilon] = [3, 8, 1e-6];
    const [x, added, dy] = [normals(1, 24), normals(5, 24), normals(4, 24)];
    const [weight, bias] = [normals(2, hidden), normals(3, hidden)];
    const shape = [rows, hidden];
    const key = { rate: 0.5, seed: 3, step: 1, site: 2 };
    backend.scope(() => {
      const mask = isSum ? backend.dropoutMask(key, shape) : null;
      const factors = backend.read(
        backend.applyMask(backend.upload(new Float32Array(24).fill(1), shape), mask),
      );
      const residual = isSum ? backend.upload(added, shape) : null;
      const of = (
        x: ArrayLike<number>,
        residual: ArrayLike<number>,
        weight: ArrayLike<number>,
        bias: ArrayLike<number>,
      ) => {
        const sum = Array.from(x, (value, at) => value * factors[at]! + residual[at]!);
        return layerNormReference(sum, weight, bias, epsilon);
      };
      const rest = isSum ? added : new Float32Array(24);
      const [tw, tb] = [backend.upload(weight, [hidden]), backend.upload(bias, [hidden])];
      const input = { x: backend.upload(x, shape), residual, mask };
      const { y, saved } = backend.layerNorm(input, tw, tb, epsilon);
      expectTensor(backend, y, shape, of(x, rest, weight, bias));
      const gradient = backend.layerNormGradient(backend.upload(dy, shape), saved, tw);
      const numeric = {
        x: numericGradient(x, dy, (at) => of(at, rest, weight, bias)),
        residual: numericGradient(rest, dy, (at) => of(x, at, weight, bias)),
        weight: numericGradient(weight, dy, (at) => of(x, rest, at, bias)),
        bias: numericGradient(bias, dy, (at) => of(x, rest, weight, at)),
      };
      expectTensor(backend, gradient.x, shape, numeric.x);
      expectTensor(backend, gradient.residual, shape, numeric.residual);
      expectTensor(backend, gradient.weight, [hidden], numeric.weight);
      expectTensor(backend, gradient.bias, [hidden], numeric.bias);
    });
  });

  test('dropout is a function of seed, step and site and keeps the mean', () => {
    const draw = (rate: number, seed: number, step: number, site: number) =>
      backend.scope(() => {
        const ones = backend.upload(new Float32Array(200 * 51).fill(1), [200, 51]);
        const mask = backend.dropoutMask({ rate, seed, step, site }, [200, 51]);
        return backend.read(backend.applyMask(ones, mask));
      });
    const rate = 26 / 256;
    const mask = draw(rate, 1, 2, 3);
    expect(draw(rate, 1, 2, 3)).toEqual(mask);
    for (const other of [draw(rate, 2, 2, 3), draw(rate, 1, 3, 3), draw(rate, 1, 2, 4)]) {
      expect(other).not.toEqual(mask);
    }
    expect([...new Set(mask)].sort()).toEqual([0, Math.fround(1 / (1 - rate))]);
    const mean = mask.reduce((sum, value) => sum + value, 0) / mask.length;
    expect(Math.abs(mean - 1)).toBeLessThan(0.015);
    // Neighbours are independent: pairs of dropped elements are as rare as chance has them.
    let pairs = 0;
    for (let at = 1; at < mask.length; at++) if (mask[at] === 0 && mask[at - 1] === 0) pairs++;
    expect(Math.abs(pairs / mask.length - rate ** 2)).toBeLessThan(0.005);
  });

  test('no mask masks nothing', () => {
    const x = backend.upload(normals(1, 4), [2, 2]);
    expect(backend.applyMask(x, null)).toBe(x);
    backend.dispose([x]);
  });

  test.each(['tanh', 'relu'] as const)('%s and its gradient', (kind) => {
    const [x, dy, shape] = [normals(7, 12), normals(8, 12), [3, 4]];
    const f = (at: ArrayLike<number>) =>
      Array.from(at, (value) => (kind === 'tanh' ? Math.tanh(value) : Math.max(value, 0)));
    backend.scope(() => {
      const y = backend.activate(kind, backend.upload(x, shape));
      expectTensor(backend, y, shape, f(x));
      const gradient = backend.activateGradient(kind, backend.upload(dy, shape), y);
      expectTensor(backend, gradient, shape, numericGradient(x, dy, f));
    });
  });
});
