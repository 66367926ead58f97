// Embeddings by token and the first tokens of sequences.
import { describe, expect, test } from 'vitest';
import { everyVariant, expectTensor, normals } from './backends.ts';

describe.each(everyVariant)('%s', (_, backend) => {
  test('an embedding sums a row of each table, its gradient sums by row', () => {
    const [word, position] = [normals(1, 5 * 3), normals(2, 2 * 3)];
    const indices = [Int32Array.of(4, 0, 4, 2), Int32Array.of(0, 1, 0, 1)];
    const dy = normals(3, 4 * 3);
    backend.scope(() => {
      const tables = [backend.upload(word, [5, 3]), backend.upload(position, [2, 3])];
      const expected = Array.from({ length: 12 }, (_value, at) => {
        const [token, k] = [Math.floor(at / 3), at % 3];
        return word[3 * indices[0]![token]! + k]! + position[3 * indices[1]![token]! + k]!;
      });
      expectTensor(backend, backend.embed(tables, indices), [4, 3], expected);
      const gradient = backend.embedGradient(backend.upload(dy, [4, 3]), indices[0]!, 5);
      const sums = new Float64Array(15);
      for (const [at, value] of dy.entries()) {
        sums[3 * indices[0]![Math.floor(at / 3)]! + (at % 3)]! += value;
      }
      expectTensor(backend, gradient, [5, 3], sums);
    });
  });

  test('first tokens are taken and spread', () => {
    const shape = { batch: 2, tokens: 3, heads: 1, features: 4 };
    const x = normals(1, 24);
    backend.scope(() => {
      const first = backend.firstTokens(backend.upload(x, [6, 4]), shape);
      expect(first.shape).toEqual([2, 4]);
      expect(backend.read(first)).toEqual(
        Float32Array.of(...x.subarray(0, 4), ...x.subarray(12, 16)),
      );
      const spread = backend.spreadFirstTokens(first, shape);
      const expected = x.map((value, at) => (at % 12 < 4 ? value : 0));
      expect(spread.shape).toEqual([6, 4]);
      expect(backend.read(spread)).toEqual(expected);
    });
  });
});
