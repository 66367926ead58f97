// Elementwise functions on native kernels; arrays of equal length. Where an output may be an input, it
// is the same view. All: INPUT_INVALID for unequal lengths, shared memory or other overlaps.
import { checkFloats } from './arrays.ts';
import type { NativeKernels } from './binding.ts';
import { explain } from './failure.ts';

/** y = x·Φ(x), exact GELU; y may be x. */
export function gelu(kernels: NativeKernels, x: Float32Array, y: Float32Array): void {
  checkPair(x, y);
  explain(() => kernels.gelu(x, y));
}

/** dx = dy·(Φ(x) + x·φ(x)); dx may be dy. */
export function geluGradient(
  kernels: NativeKernels,
  dy: Float32Array,
  x: Float32Array,
  dx: Float32Array,
): void {
  checkThree(dy, x, dx);
  explain(() => kernels.geluGradient(dy, x, dx));
}

/** y = ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))); y may be x. */
export function geluTanh(kernels: NativeKernels, x: Float32Array, y: Float32Array): void {
  checkPair(x, y);
  explain(() => kernels.geluTanh(x, y));
}

/** dx = dy times the slope of geluTanh at x; dx may be dy. */
export function geluTanhGradient(
  kernels: NativeKernels,
  dy: Float32Array,
  x: Float32Array,
  dx: Float32Array,
): void {
  checkThree(dy, x, dx);
  explain(() => kernels.geluTanhGradient(dy, x, dx));
}

/** y = tanh(x); y may be x. */
export function tanh(kernels: NativeKernels, x: Float32Array, y: Float32Array): void {
  checkPair(x, y);
  explain(() => kernels.tanh(x, y));
}

/** dx = dy·(1 − y²) with y = tanh(x); dx may be dy. */
export function tanhGradient(
  kernels: NativeKernels,
  dy: Float32Array,
  y: Float32Array,
  dx: Float32Array,
): void {
  checkThree(dy, y, dx);
  explain(() => kernels.tanhGradient(dy, y, dx));
}

/** y = x where x > 0 or NaN, 0 elsewhere; y may be x. */
export function relu(kernels: NativeKernels, x: Float32Array, y: Float32Array): void {
  checkPair(x, y);
  explain(() => kernels.relu(x, y));
}

/** dx = dy where y > 0, 0 elsewhere, with y = relu(x); dx may be dy. */
export function reluGradient(
  kernels: NativeKernels,
  dy: Float32Array,
  y: Float32Array,
  dx: Float32Array,
): void {
  checkThree(dy, y, dx);
  explain(() => kernels.reluGradient(dy, y, dx));
}

/** y = a + b; y may be a. */
export function add(
  kernels: NativeKernels,
  a: Float32Array,
  b: Float32Array,
  y: Float32Array,
): void {
  checkThree(a, b, y);
  explain(() => kernels.add(a, b, y));
}

/**
 * y = x with a share of `rate` set to 0 and the rest scaled by 1/(1 − rate), which ones by (seed, index)
 * (see dropout-mask.ts); also its own gradient. 0 ≤ rate < 1; y may be x.
 */
export function dropout(
  kernels: NativeKernels,
  x: Float32Array,
  y: Float32Array,
  seed: number,
  rate: number,
): void {
  checkPair(x, y);
  explain(() => kernels.dropout(x, y, seed, rate));
}

function checkPair(x: Float32Array, y: Float32Array): void {
  checkFloats('x', x, x.length);
  checkFloats('y', y, x.length);
}

function checkThree(a: Float32Array, b: Float32Array, y: Float32Array): void {
  checkFloats('the first input', a, y.length);
  checkFloats('the second input', b, y.length);
  checkFloats('the output', y, y.length);
}
