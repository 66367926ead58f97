// LayerNorm of residual + dropout(x) on native kernels, and its gradient. T tokens, H hidden.
// INPUT_INVALID for a wrong length, shared memory, a rate outside of 0 ≤ rate < 1, or outputs that overlap.
import { checkFloats, checkSizes } from './arrays.ts';
import { createOperation } from './create-operation.ts';

/**
 * y (T, H) = normalised·weight + bias with normalised (T, H) = (s − mean)·inverse, inverse (T) =
 * 1/√(variance + epsilon), s = residual + dropout(x). normalised and inverse are for the gradient, null
 * where there is none. `seed` (u32) and `rate`: see dropout.
 */
export const layerNorm = createOperation(
  'layerNorm',
  (x, residual, seed, rate, weight, bias, epsilon, normalised, inverse, y, tokens, hidden) => {
    checkSizes({ tokens, hidden });
    checkFloats({ x, residual, normalised, y }, tokens, hidden);
    checkFloats({ weight, bias }, hidden);
    checkFloats({ inverse }, tokens);
  },
);

/**
 * dSum (T, H): gradient of s, so of the residual; dx (T, H): the same through the dropout, null where it
 * is not wanted; dWeight, dBias (H).
 */
export const layerNormGradient = createOperation(
  'layerNormGradient',
  (dy, normalised, inverse, weight, seed, rate, dSum, dx, dWeight, dBias, tokens, hidden) => {
    checkSizes({ tokens, hidden });
    checkFloats({ dy, normalised, dSum, dx }, tokens, hidden);
    checkFloats({ inverse }, tokens);
    checkFloats({ weight, dWeight, dBias }, hidden);
  },
);
