// Memory: what goes up comes back, scopes end what they made, kept tensors outlive them.
import { describe, expect, test } from 'vitest';
import type { Tensor } from '../tensor.ts';
import { backends, normals } from './backends.ts';

describe.each(backends)('%s', (_, backend) => {
  test('what is uploaded is read, and reading gives the values of that moment', () => {
    const values = normals(1, 6);
    const x = backend.upload(values, [2, 3]);
    expect(x.shape).toEqual([2, 3]);
    expect(backend.read(x)).toEqual(values);
    const read = backend.scope(() => backend.read(backend.add(x, x)));
    backend.scope(() => backend.add(backend.add(x, x), x));
    expect(read).toEqual(values.map((value) => 2 * value));
    backend.dispose([x]);
  });

  test('a scope frees all but its result, wherever in it', () => {
    const before = backend.tensorCount();
    const x = backend.upload(Float32Array.of(1, 2), [1, 2]);
    const result = backend.scope(() => {
      backend.add(x, x);
      const inner = backend.scope(() => ({ deep: [backend.add(x, x), null], x }));
      return { inner, again: inner.deep[0], count: 3, values: Float32Array.of(1) };
    });
    expect(backend.tensorCount()).toBe(before + 2);
    expect(backend.read(result.inner.deep[0]!)).toEqual(Float32Array.of(2, 4));
    expect(backend.read(x)).toEqual(Float32Array.of(1, 2));
    backend.dispose(result);
    expect(backend.tensorCount()).toBe(before);
  });

  test('a kept tensor outlives its scopes, and a failed scope frees everything', () => {
    const before = backend.tensorCount();
    const x = backend.upload(Float32Array.of(1, 2), [1, 2]);
    const kept: Tensor[] = [];
    backend.scope(() => backend.scope(() => void kept.push(backend.keep(backend.add(x, x)))));
    expect(backend.read(kept[0]!)).toEqual(Float32Array.of(2, 4));
    const fail = (): never => {
      backend.add(x, x);
      throw new Error('on purpose');
    };
    expect(() => backend.scope(fail)).toThrow('on purpose');
    expect(backend.tensorCount()).toBe(before + 2);
    backend.dispose([x, ...kept]);
    expect(backend.tensorCount()).toBe(before);
  });
});
