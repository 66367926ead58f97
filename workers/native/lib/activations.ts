// Elementwise functions on native kernels; arrays of equal length. Where an output may be an input, it
// is the same view. All: INPUT_INVALID for unequal lengths, shared memory or other overlaps.
import { checkFloats } from './arrays.ts';
import { createOperation } from './create-operation.ts';

/** y = x·Φ(x), exact GELU; y may be x. */
export const gelu = createOperation('gelu', checkPair);

/** dx = dy·(Φ(x) + x·φ(x)); dx may be dy. */
export const geluGradient = createOperation('geluGradient', checkThree);

/** y = ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))); y may be x. */
export const geluTanh = createOperation('geluTanh', checkPair);

/** dx = dy times the slope of geluTanh at x; dx may be dy. */
export const geluTanhGradient = createOperation('geluTanhGradient', checkThree);

/** y = tanh(x); y may be x. */
export const tanh = createOperation('tanh', checkPair);

/** dx = dy·(1 − y²) with y = tanh(x); dx may be dy. */
export const tanhGradient = createOperation('tanhGradient', checkThree);

/** y = x where x > 0 or NaN, 0 elsewhere; y may be x. */
export const relu = createOperation('relu', checkPair);

/** dx = dy where y > 0, 0 elsewhere, with y = relu(x); dx may be dy. */
export const reluGradient = createOperation('reluGradient', checkThree);

/** y = a + b; y may be a. */
export const add = createOperation('add', checkThree);

/**
 * y = x with a share of `rate` set to 0 and the rest scaled by 1/(1 − rate), which ones by (seed, index)
 * (see dropout-mask.ts); also its own gradient. 0 ≤ rate < 1; y may be x.
 */
export const dropout = createOperation('dropout', checkPair);

function checkPair(x: Float32Array, y: Float32Array): void {
  checkFloats({ x, y }, x.length);
}

function checkThree(a: Float32Array, b: Float32Array, y: Float32Array): void {
  checkFloats({ 'the first input': a, 'the second input': b, 'the output': y }, y.length);
}
