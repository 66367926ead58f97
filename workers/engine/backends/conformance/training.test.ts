// The alignment loss and AdamW against their definitions.
import { describe, expect, test } from 'vitest';
import { assertClose } from '../reference/compare.ts';
import { everyVariant, expectTensor, normals } from './backends.ts';

describe.each(everyVariant)('%s', (_, backend) => {
  test('the alignment loss is relative, over real tokens alone', () => {
    const s = Float32Array.of(1, 2, 3, 4, 5, 6, 100, 100);
    const t = Float32Array.of(1, 1, 1, 1, 1, 1, 7, 7);
    backend.scope(() => {
      const [student, teacher] = [backend.upload(s, [4, 2]), backend.upload(t, [4, 2])];
      const lengths = Int32Array.of(2, 1);
      const { value, gradient } = backend.alignLoss(student, teacher, lengths, 0.5);
      // Σ(s − t)² = 0+1+4+9+16+25 = 55, Σt² = 6
      expect(value).toBeCloseTo((0.5 * 55) / 6, 5);
      const expected = [...s].map((at, index) => (index < 6 ? (at - t[index]!) / 6 : 0));
      expectTensor(backend, gradient, [4, 2], expected);
    });
  });

  const weights = new Map([
    ['matrix', { shape: [3, 4], values: normals(1, 12), decays: true }],
    ['bias', { shape: [3], values: normals(2, 3), decays: false }],
    ['still', { shape: [2], values: normals(3, 2), decays: true }],
  ]);
  const gradients = new Map([
    ['matrix', normals(4, 12)],
    ['bias', normals(5, 3)],
  ]);
  const upload = () =>
    new Map(
      [...gradients].map(([name, values]) => [
        name,
        backend.upload(values, weights.get(name)!.shape),
      ]),
    );

  test.each([0.5, 1e9])('three AdamW steps equal the definition (maxNorm %d)', (maxNorm) => {
    const [rate, weightDecay] = [0.01, 0.1];
    const norm = Math.hypot(...gradients.get('matrix')!, ...gradients.get('bias')!);
    const clip = Math.min(1, maxNorm / norm);
    const adamw = backend.adamW(weights);
    const gradient = upload();
    for (let step = 1; step <= 3; step++) {
      const got = adamw.update(gradient, { step, rate, weightDecay, maxNorm });
      expect(got).toBeCloseTo(norm, 5);
    }
    const state = adamw.state();
    const tolerance = { atol: 1e-6, rtol: 1e-6 };
    for (const [name, { shape, values, decays }] of weights) {
      const expected = Array.from(values, (start, at) => {
        let [w, m, v] = [start, 0, 0];
        if (!gradients.has(name)) return { w, m };
        const g = gradients.get(name)![at]! * clip;
        for (let step = 1; step <= 3; step++) {
          m = 0.9 * m + 0.1 * g;
          v = 0.999 * v + 0.001 * g * g;
          const corrected = m / (1 - 0.9 ** step) / (Math.sqrt(v / (1 - 0.999 ** step)) + 1e-8);
          w = w * (decays ? 1 - rate * weightDecay : 1) - rate * corrected;
        }
        return { w, m };
      });
      const [w, m] = [expected.map((at) => at.w), expected.map((at) => at.m)];
      expectTensor(backend, adamw.weight(name), shape, w, tolerance);
      // Of equal gradients the weights tell no scale: the moments do.
      assertClose({ shape, values: state.get(name)!.first }, { shape, values: m }, tolerance);
    }
    backend.dispose([...gradient.values()]);
    adamw.dispose();
  });

  test('a restored state goes on as if nothing had been, and what is no number changes nothing', () => {
    const settings = { rate: 0.01, weightDecay: 0.1, maxNorm: 1 };
    const before = backend.tensorCount();
    const [first, second] = [backend.adamW(weights), backend.adamW(weights)];
    const gradient = upload();
    first.update(gradient, { step: 1, ...settings });
    const state = first.state();
    expect(state.get('matrix')!.shape).toEqual([3, 4]);
    second.restore(state);
    const broken = backend.upload(Float32Array.of(1, NaN, 1), [3]);
    expect(second.update(new Map([['bias', broken]]), { step: 2, ...settings })).toBeNaN();
    expect(second.state()).toEqual(state);
    for (const adamw of [first, second]) adamw.update(gradient, { step: 2, ...settings });
    expect(second.state()).toEqual(first.state());
    expect(second.state()).not.toEqual(state);
    backend.dispose([...gradient.values(), broken]);
    for (const adamw of [first, second]) adamw.dispose();
    expect(backend.tensorCount()).toBe(before);
  });
});
