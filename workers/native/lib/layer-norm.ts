// LayerNorm of residual + dropout(x) on native kernels, and its gradient. T tokens, H hidden.
// INPUT_INVALID for a wrong length, shared memory, a rate outside of 0 ≤ rate < 1, or outputs that overlap.
import { checkFloats, checkSizes } from './arrays.ts';
import type { NativeKernels } from './binding.ts';
import { explain } from './failure.ts';

/**
 * y (T, H) = normalised·weight + bias with normalised (T, H) = (s − mean)·inverse, inverse (T) =
 * 1/√(variance + epsilon), s = residual + dropout(x). normalised and inverse are for the gradient, null
 * where there is none. `seed` (u32) and `rate`: see dropout.
 */
export function layerNorm(
  kernels: NativeKernels,
  x: Float32Array,
  residual: Float32Array | null,
  seed: number,
  rate: number,
  weight: Float32Array,
  bias: Float32Array,
  epsilon: number,
  normalised: Float32Array | null,
  inverse: Float32Array | null,
  y: Float32Array,
  tokens: number,
  hidden: number,
): void {
  checkSizes({ tokens, hidden });
  checkFloats('x', x, tokens, hidden);
  if (residual) checkFloats('residual', residual, tokens, hidden);
  checkFloats('weight', weight, hidden);
  checkFloats('bias', bias, hidden);
  if (normalised) checkFloats('normalised', normalised, tokens, hidden);
  if (inverse) checkFloats('inverse', inverse, tokens);
  checkFloats('y', y, tokens, hidden);
  explain(() =>
    kernels.layerNorm(
      x,
      residual,
      seed,
      rate,
      weight,
      bias,
      epsilon,
      normalised,
      inverse,
      y,
      tokens,
      hidden,
    ),
  );
}

/**
 * dSum (T, H): gradient of s, so of the residual; dx (T, H): the same through the dropout, null where it
 * is not wanted; dWeight, dBias (H).
 */
export function layerNormGradient(
  kernels: NativeKernels,
  dy: Float32Array,
  normalised: Float32Array,
  inverse: Float32Array,
  weight: Float32Array,
  seed: number,
  rate: number,
  dSum: Float32Array,
  dx: Float32Array | null,
  dWeight: Float32Array,
  dBias: Float32Array,
  tokens: number,
  hidden: number,
): void {
  checkSizes({ tokens, hidden });
  checkFloats('dy', dy, tokens, hidden);
  checkFloats('normalised', normalised, tokens, hidden);
  checkFloats('inverse', inverse, tokens);
  checkFloats('weight', weight, hidden);
  checkFloats('dSum', dSum, tokens, hidden);
  if (dx) checkFloats('dx', dx, tokens, hidden);
  checkFloats('dWeight', dWeight, hidden);
  checkFloats('dBias', dBias, hidden);
  explain(() =>
    kernels.layerNormGradient(
      dy,
      normalised,
      inverse,
      weight,
      seed,
      rate,
      dSum,
      dx,
      dWeight,
      dBias,
      tokens,
      hidden,
    ),
  );
}
