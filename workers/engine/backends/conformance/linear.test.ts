// Linear layers, f32 and int8, against plain loops.
import { describe, expect, test } from 'vitest';
import { int8LinearReference, quantizeRows } from '../../quantization/int8.ts';
import { numericGradient } from '../reference/finite-differences.ts';
import { linearReference } from '../reference/linear.ts';
import { everyVariant, expectTensor, normals } from './backends.ts';

const shapes = [
  [3, 4, 5],
  [1, 1, 1],
  [17, 33, 2],
] as const;

describe.each(everyVariant)('%s', (_, backend) => {
  test.each(shapes)('linear and its gradients, %i × %i → %i', (rows, inputs, outputs) => {
    const [x, weight] = [normals(1, rows * inputs), normals(2, outputs * inputs)];
    const [bias, dy] = [normals(3, outputs), normals(4, rows * outputs)];
    backend.scope(() => {
      const [tx, tw] = [
        backend.upload(x, [rows, inputs]),
        backend.upload(weight, [outputs, inputs]),
      ];
      const y = backend.linear(tx, tw, backend.upload(bias, [outputs]));
      expectTensor(backend, y, [rows, outputs], linearReference(x, weight, bias, inputs));
      const tdy = backend.upload(dy, [rows, outputs]);
      const forInput = numericGradient(x, dy, (at) => linearReference(at, weight, bias, inputs));
      expectTensor(backend, backend.linearInputGradient(tdy, tw), [rows, inputs], forInput);
      const gradient = backend.linearWeightGradient(tdy, tx);
      const forWeight = numericGradient(weight, dy, (at) => linearReference(x, at, bias, inputs));
      expectTensor(backend, gradient.weight, [outputs, inputs], forWeight);
      const forBias = numericGradient(bias, dy, (at) => linearReference(x, weight, at, inputs));
      expectTensor(backend, gradient.bias, [outputs], forBias);
    });
  });

  test.each([64, 1024, 1536])('int8 computes what integers do, %i columns', (columns) => {
    const [x, bias] = [normals(1, 3 * columns), normals(3, 4)];
    const matrix = quantizeRows(normals(2, 4 * columns), columns, 'per-channel');
    x.fill(0, 0, columns); // a token of zeros
    const weight = backend.uploadInt8(matrix.values, matrix.scales, [4, columns]);
    backend.scope(() => {
      const y = backend.int8Linear(
        backend.upload(x, [3, columns]),
        weight,
        backend.upload(bias, [4]),
      );
      const expected = int8LinearReference(x, matrix, bias, columns);
      // Sums are exact; what is left is f32 rounding of the scales' product.
      expectTensor(backend, y, [3, 4], expected, { atol: 1e-6, rtol: 2e-6 });
    });
    backend.dispose([weight]);
  });

  test('a block of the largest integers is summed exactly', () => {
    const columns = 1536;
    const values = new Int8Array(columns).fill(127);
    values[0] = -127;
    const y = backend.scope(() => {
      const x = backend.upload(new Float32Array(columns).fill(127), [1, columns]);
      const weight = backend.uploadInt8(values, Float32Array.of(1), [1, columns]);
      return backend.read(backend.int8Linear(x, weight, backend.upload(Float32Array.of(0), [1])));
    });
    expect(y[0]).toBe((columns - 2) * 127 * 127);
  });
});
