import { expect, test } from 'vitest';
import { createKernels, int8Linear, listVariants, packInt8 } from '../index.ts';

const variants = listVariants().filter(({ missing }) => missing.length === 0);
const [tokens, inputs, outputs] = [5, 70, 33];

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

function example() {
  const next = random(7);
  return {
    x: Float32Array.from({ length: tokens * inputs }, next),
    values: Int8Array.from({ length: outputs * inputs }, () => Math.round(next() * 127)),
    scales: Float32Array.from({ length: outputs }, () => 0.01 + Math.abs(next())),
    bias: Float32Array.from({ length: outputs }, next),
  };
}

/** Exact sums; the three roundings to f32 of the kernel. */
function expected({ x, values, scales, bias }: ReturnType<typeof example>): Float64Array {
  const y = new Float64Array(tokens * outputs);
  for (let t = 0; t < tokens; t++) {
    const row = x.subarray(t * inputs, (t + 1) * inputs);
    const scale = Math.fround(Math.max(...row.map(Math.abs)) / 127);
    for (let o = 0; o < outputs; o++) {
      let sum = 0;
      for (let i = 0; i < inputs; i++) sum += Math.round(row[i]! / scale) * values[o * inputs + i]!;
      y[t * outputs + o] = sum * scale * scales[o]! + bias[o]!;
    }
  }
  return y;
}

test.each(variants)('sums of $name are exact', ({ name }) => {
  const kernels = createKernels({ variant: name, threads: 2 });
  const { x, values, scales, bias } = example();
  const packed = packInt8(kernels, values, scales, outputs, inputs);
  expect(packed).toMatchObject({ outputs, inputs });
  const memory = new Float32Array(tokens * outputs + 2).fill(77);
  const y = memory.subarray(1, -1);
  int8Linear(kernels, x, packed, bias, y, tokens);
  const right = expected({ x, values, scales, bias });
  right.forEach((value, at) => {
    expect(Math.abs(y[at]! - value)).toBeLessThanOrEqual(3e-7 * (Math.abs(value) + 100));
  });
  expect([memory[0], memory.at(-1)]).toEqual([77, 77]);
});

test('a token that is not a number gives none, others are as without it', () => {
  const kernels = createKernels({ threads: 1 });
  const { x, values, scales, bias } = example();
  const packed = packInt8(kernels, values, scales, outputs, inputs);
  const [y, other] = [new Float32Array(tokens * outputs), new Float32Array(tokens * outputs)];
  int8Linear(kernels, x, packed, bias, y, tokens);
  x[inputs + 3] = NaN;
  int8Linear(kernels, x, packed, bias, other, tokens);
  expect(other.subarray(outputs, 2 * outputs).every(Number.isNaN)).toBe(true);
  expect(other.subarray(2 * outputs)).toEqual(y.subarray(2 * outputs));
});

test('sizes that do not fit are refused by name', () => {
  const kernels = createKernels({ threads: 1 });
  const { x, values, scales, bias } = example();
  const packed = packInt8(kernels, values, scales, outputs, inputs);
  const y = new Float32Array(tokens * outputs);
  const refused = [
    [() => packInt8(kernels, values, scales, outputs + 1, inputs), /values has/],
    [() => packInt8(kernels, values, scales.subarray(1), outputs, inputs), /scales has/],
    [() => packInt8(kernels, new Uint8Array(4) as never, scales, 2, 2), /Int8Array/],
    [() => packInt8(kernels, new Int8Array(70_000), new Float32Array(1), 1, 70_000), /65536/],
    [() => int8Linear(kernels, x.subarray(1), packed, bias, y, tokens), /x has/],
    [() => int8Linear(kernels, x, packed, bias.subarray(1), y, tokens), /bias has/],
    [() => int8Linear(kernels, x, packed, bias, y, tokens - 1), /x has/],
  ] as const;
  for (const [call, message] of refused) expect(call).toThrow(message);
  const square = packInt8(kernels, new Int8Array(16), new Float32Array(4), 4, 4);
  const same = new Float32Array(4);
  expect(() => int8Linear(kernels, same, square, new Float32Array(4), same, 1)).toThrow(/overlaps/);
});
