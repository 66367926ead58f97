import { expect, test } from 'vitest';
import { createKernels } from './create-kernels.ts';
import {
  linear,
  linearGelu,
  linearInputGradient,
  linearWeightGradient,
  packFloat,
} from './linear.ts';
import { expectClose, random } from './test-support.ts';

const [tokens, inputs, outputs] = [5, 7, 9];
const kernels = createKernels({ threads: 2 });
const x = random(tokens * inputs, 1);
const weight = random(outputs * inputs, 2);
const bias = random(outputs, 3);
const dy = random(tokens * outputs, 4);

test('a layer and its gradients are those of plain loops', () => {
  const y = new Float32Array(tokens * outputs);
  linear(kernels, x, weight, bias, y, tokens, inputs, outputs);
  expectClose(y, (at) => {
    const [t, o] = [Math.floor(at / outputs), at % outputs];
    return bias[o]! + sum(inputs, (i) => x[t * inputs + i]! * weight[o * inputs + i]!);
  });
  const dx = x.slice();
  linearInputGradient(kernels, dy, weight, dx, tokens, inputs, outputs, true);
  expectClose(dx, (at) => {
    const [t, i] = [Math.floor(at / inputs), at % inputs];
    return x[at]! + sum(outputs, (o) => dy[t * outputs + o]! * weight[o * inputs + i]!);
  });
  const dWeight = new Float32Array(weight.length);
  const dBias = new Float32Array(outputs);
  linearWeightGradient(kernels, dy, x, dWeight, dBias, tokens, inputs, outputs);
  expectClose(dWeight, (at) => {
    const [o, i] = [Math.floor(at / inputs), at % inputs];
    return sum(tokens, (t) => dy[t * outputs + o]! * x[t * inputs + i]!);
  });
  expectClose(dBias, (o) => sum(tokens, (t) => dy[t * outputs + o]!));
});

test('a packed weight, a view and a single row give the same bits', () => {
  const packed = packFloat(kernels, weight, outputs, inputs);
  expect([packed.outputs, packed.inputs]).toEqual([outputs, inputs]);
  const y = new Float32Array(tokens * outputs);
  const other = new Float32Array(tokens * outputs);
  linear(kernels, x, weight, bias, y, tokens, inputs, outputs);
  linear(kernels, x, packed, bias, other, tokens, inputs, outputs);
  expect(other).toEqual(y);
  for (const matrix of [weight, packed]) {
    const row = other.subarray(2 * outputs, 3 * outputs).fill(0);
    linear(kernels, x.subarray(2 * inputs, 3 * inputs), matrix, bias, row, 1, inputs, outputs);
    expect(other).toEqual(y);
  }
  const [u, plain] = [new Float32Array(y.length), new Float32Array(y.length)];
  linearGelu(kernels, x, weight, bias, u, plain, tokens, inputs, outputs);
  linearGelu(kernels, x, packed, bias, null, other, tokens, inputs, outputs);
  expect(u).toEqual(y);
  expect(other).toEqual(plain);
});

test('the matrix product names itself', () => {
  expect(kernels.gemm).toMatch(/f32|generic/);
});

test('arguments that do not fit are refused by name', () => {
  const y = new Float32Array(tokens * outputs);
  const call = (x: Float32Array, y: Float32Array, rows = tokens) =>
    expect(() => linear(kernels, x, weight, bias, y, rows, inputs, outputs));
  call(x.subarray(1), y).toThrow(/^x has 34 values, its shape \(5, 7\) asks for 35$/);
  call(x, y.subarray(1)).toThrow(/^y has 44/);
  call(x, y, 1.5).toThrow(/^tokens is 1.5/);
  call(x, y, -1).toThrow(/^tokens is -1/);
  call(new Float32Array(new SharedArrayBuffer(x.byteLength)), y).toThrow(/x is in shared memory/);
  call(new Float64Array(x.length) as unknown as Float32Array, y).toThrow(/not a Float32Array/);
  const both = new Float32Array(x.length + y.length - 1);
  call(both.subarray(0, x.length), both.subarray(x.length - 1)).toThrow(/overlaps/);
  const detached = x.slice();
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  call(detached, y).toThrow(/^x has 0 values/);
  const packed = packFloat(kernels, weight, inputs, outputs);
  expect(() => linear(kernels, x, packed, bias, y, tokens, inputs, outputs)).toThrow(/\(7, 9\)/);
  const impostor = {} as typeof packed;
  expect(() => linear(kernels, x, impostor, bias, y, tokens, inputs, outputs)).toThrow();
});

function sum(count: number, of: (index: number) => number): number {
  let total = 0;
  for (let index = 0; index < count; index++) total += of(index);
  return total;
}
