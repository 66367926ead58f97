import { expect, test } from 'vitest';
import {
  gelu,
  geluGradient,
  geluTanh,
  geluTanhGradient,
  dropout,
  relu,
  reluGradient,
  tanh,
  tanhGradient,
  add,
} from './activations.ts';
import { createKernels } from './create-kernels.ts';
import { createDropoutMask } from './dropout-mask.ts';
import { layerNorm, layerNormGradient } from './layer-norm.ts';
import { expectClose, random } from './test-support.ts';
import {
  adamw,
  alignLoss,
  crossEntropy,
  distillationLoss,
  embeddingGather,
  embeddingScatterAdd,
  globalNorm,
} from './training.ts';

const kernels = createKernels({ threads: 2 });
const [tokens, hidden] = [6, 20];
const size = tokens * hidden;
const zeros = (length = size) => new Float32Array(length);
const x = random(size, 1);
const dy = random(size, 2);

test('dropout is the written function of seed and index', () => {
  for (const [seed, rate] of [
    [0, 0.1],
    [4_294_967_295, 0.5],
    [123_456, 0.9],
  ] as const) {
    const mask = createDropoutMask(seed, rate);
    const y = zeros();
    dropout(kernels, x, y, seed, rate);
    expect(y).toEqual(x.map((value, index) => value * mask(index)));
    const inPlace = x.slice();
    dropout(kernels, inPlace, inPlace, seed, rate);
    expect(inPlace).toEqual(y);
  }
  expect(() => dropout(kernels, x, zeros(), 1, 1)).toThrow(/rate of 1/);
});

test('layer norm of a residual and what dropout leaves of x, and back', () => {
  const [residual, weight, bias] = [random(size, 3), random(hidden, 4), random(hidden, 5)];
  const [normalised, inverse, y] = [zeros(), zeros(tokens), zeros()];
  layerNorm(
    kernels,
    x,
    residual,
    9,
    0.25,
    weight,
    bias,
    1e-5,
    normalised,
    inverse,
    y,
    tokens,
    hidden,
  );
  const mask = createDropoutMask(9, 0.25);
  const s = x.map((value, index) => residual[index]! + value * mask(index));
  expectClose(normalised, (at) => {
    const row = s.subarray(at - (at % hidden), at - (at % hidden) + hidden);
    const mean = row.reduce((a, b) => a + b, 0) / hidden;
    const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / hidden;
    return (s[at]! - mean) / Math.sqrt(variance + 1e-5);
  });
  expectClose(y, (at) => normalised[at]! * weight[at % hidden]! + bias[at % hidden]!);
  const [dSum, dx, dWeight, dBias] = [zeros(), zeros(), zeros(hidden), zeros(hidden)];
  const back = (dx: Float32Array | null, dSum: Float32Array) =>
    layerNormGradient(
      kernels,
      dy,
      normalised,
      inverse,
      weight,
      9,
      0.25,
      dSum,
      dx,
      dWeight,
      dBias,
      tokens,
      hidden,
    );
  back(dx, dSum);
  expect(dx).toEqual(dSum.map((value, index) => value * mask(index)));
  const rows = [...Array(tokens).keys()];
  expectClose(dBias, (k) => rows.reduce((sum, t) => sum + dy[t * hidden + k]!, 0));
  // the gradient of a shift of a row is none
  for (const t of rows) {
    expect(dSum.subarray(t * hidden, (t + 1) * hidden).reduce((a, b) => a + b)).toBeCloseTo(0, 4);
  }
  expect(() => back(null, dy)).toThrow(/overlaps/);
  expect(() => back(dx, zeros(3))).toThrow(/^dSum has 3 values, its shape \(6, 20\) asks for 120$/);
});

test('activations and their slopes, in place too', () => {
  const slopes = [
    [
      geluTanh,
      geluTanhGradient,
      (v: number) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))),
      false,
    ],
    [tanh, tanhGradient, Math.tanh, true],
    [relu, reluGradient, (v: number) => Math.max(v, 0), true],
    [gelu, geluGradient, (v: number) => v * (0.5 + integral(v)), false],
  ] as const;
  for (const [forward, backward, exact, byOutput] of slopes) {
    const y = zeros();
    forward(kernels, x, y);
    expectClose(y, (at) => exact(x[at]!));
    const dx = dy.slice();
    backward(kernels, dx, byOutput ? y : x, dx);
    const slope = (v: number) => (exact(v + 1e-5) - exact(v - 1e-5)) / 2e-5;
    expectClose(dx, (at) => dy[at]! * slope(x[at]!));
    const inPlace = x.slice();
    forward(kernels, inPlace, inPlace);
    expect(inPlace).toEqual(y);
    expect(() => forward(kernels, x, x.subarray(1))).toThrow(/119 values/);
    expect(() => forward(kernels, x.subarray(0, 9), x.subarray(1, 10))).toThrow(/overlaps/);
  }
  const y = zeros();
  add(kernels, x, dy, y);
  expect(y).toEqual(x.map((value, index) => value + dy[index]!));
});

test('rows of a table, and back', () => {
  const ids = Int32Array.of(3, 0, 3, 1, 2, 3);
  const table = random(4 * hidden, 3);
  const y = x.slice();
  embeddingGather(kernels, table, ids, y, tokens, hidden, true);
  expectClose(y, (at) => x[at]! + table[ids[Math.floor(at / hidden)]! * hidden + (at % hidden)]!);
  const dTable = zeros(4 * hidden);
  embeddingScatterAdd(kernels, dy, ids, dTable, tokens, hidden);
  expectClose(
    dTable.subarray(3 * hidden),
    (k) => dy[k]! + dy[2 * hidden + k]! + dy[5 * hidden + k]!,
  );
  const gather = (ids: Int32Array) =>
    expect(() => embeddingGather(kernels, table, ids, y, tokens, hidden, false));
  gather(Int32Array.of(0, 0, 4, 0, 0, 0)).toThrow(/id 4 at 2/);
  gather(ids.subarray(1)).toThrow(/^ids has 5/);
  gather(new Uint32Array(6) as unknown as Int32Array).toThrow(/not an Int32Array/);
});

test('losses', () => {
  const gradient = zeros();
  const lengths = Int32Array.of(1, 3);
  const value = alignLoss(kernels, x, dy, lengths, 2, 3, hidden, 0.5, gradient);
  const real = [...x.keys()].filter((at) => at < hidden || at >= 3 * hidden);
  const squares = real.reduce((sum, at) => sum + dy[at]! ** 2, 0);
  const error = real.reduce((sum, at) => sum + (x[at]! - dy[at]!) ** 2, 0);
  expect(value).toBeCloseTo((0.5 * error) / squares, 10);
  expectClose(gradient, (at) => (real.includes(at) ? (x[at]! - dy[at]!) / squares : 0));
  const small = zeros(2);
  expect(crossEntropy(kernels, Float32Array.of(1, 2), Int32Array.of(1), small, 1, 2)).toBeCloseTo(
    Math.log(1 + Math.exp(-1)),
    10,
  );
  expectClose(small, (at) => ((at === 0 ? 1 : -1) * Math.exp(-1)) / (1 + Math.exp(-1)));
  const logits = Float32Array.of(1, 2);
  expect(distillationLoss(kernels, logits, logits.slice(), 2, small, 1, 2)).toBe(0);
  expect(() => crossEntropy(kernels, logits, Int32Array.of(2), small, 1, 2)).toThrow(/label 2/);
});

test('the norm and a step of AdamW over lists', () => {
  expect(globalNorm(kernels, [Float32Array.of(3), Float32Array.of(0, 4)])).toBe(5);
  expect(() => globalNorm(kernels, [])).toThrow(/no gradients/);
  const weights = [random(20, 1), random(3, 2)];
  const before = weights.map((weight) => weight.slice());
  const gradients = [random(20, 3), random(3, 4)];
  const [first, second] = [0, 1].map(() => [zeros(20), zeros(3)]) as [
    Float32Array[],
    Float32Array[],
  ];
  const step = (second: Float32Array[]) =>
    adamw(
      kernels,
      weights,
      gradients,
      first,
      second,
      Uint8Array.of(1, 0),
      1,
      0.01,
      0.9,
      0.999,
      1e-8,
      0.1,
      0.5,
    );
  step(second);
  for (const [index, weight] of weights.entries()) {
    // after one step from zero moments, Adam moves by the sign of the gradient
    expectClose(weight, (at) => {
      const kept = before[index]![at]! * (index === 0 ? 1 - 0.01 * 0.1 : 1);
      return kept - 0.01 * Math.sign(gradients[index]![at]!);
    });
    expectClose(first[index]!, (at) => 0.1 * 0.5 * gradients[index]![at]!);
  }
  expect(() => step([second[0]!])).toThrow(/1 gradients, moments or decays for 2 weights/);
  expect(() => step([second[0]!, zeros(4)])).toThrow(/^second moment 1 has 4 values/);
  expect(() => step([second[0]!, weights[1]!])).toThrow(/overlaps/);
  expect(() => step([second[0]!, first[0]!.subarray(0, 3)])).toThrow(/overlaps/);
});

test('overlaps are found among many arrays too', () => {
  const memory = zeros(4 * 10 * 8);
  const lists = [0, 1, 2, 3].map((list) =>
    Array.from({ length: 10 }, (_, at) =>
      memory.subarray(at * 32 + list * 8, at * 32 + list * 8 + 8),
    ),
  );
  const step = (...[weights, gradients, first, second]: Float32Array[][]) =>
    adamw(
      kernels,
      weights!,
      gradients!,
      first!,
      second!,
      new Uint8Array(10),
      1,
      0.01,
      0.9,
      0.999,
      1e-8,
      0,
      1,
    );
  const [weights, gradients, first, second] = lists as [
    Float32Array[],
    Float32Array[],
    Float32Array[],
    Float32Array[],
  ];
  step(weights, gradients, first, second);
  // a gradient may serve twice, nothing that is written may
  step(weights, gradients.with(3, gradients[4]!), first, second);
  const shifted = memory.subarray(7, 15);
  expect(() => step(weights, gradients.with(3, shifted), first, second)).toThrow(/overlaps/);
  expect(() => step(weights, gradients, first.with(0, first[9]!), second)).toThrow(/overlaps/);
  expect(() => step(weights, gradients, first, second.with(2, weights[7]!))).toThrow(/overlaps/);
});

/** ∫ of the normal density from 0 to v by Simpson's rule. */
function integral(v: number): number {
  const density = (u: number) => Math.exp((-u * u) / 2) / Math.sqrt(2 * Math.PI);
  const n = 200;
  let sum = density(0) + density(v);
  for (let k = 1; k < n; k++) sum += (k % 2 === 0 ? 2 : 4) * density((v * k) / n);
  return (sum * v) / n / 3;
}
