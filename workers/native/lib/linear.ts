// f32 linear layers on native kernels. T tokens, I inputs, O outputs; arrays row after row.
// All: INPUT_INVALID for a wrong length, an array in shared memory, or outputs that overlap other arrays.
import { checkFloats, checkSizes } from './arrays.ts';
import type { NativeKernels, PackedFloat } from './binding.ts';
import { explain } from './failure.ts';

/** A weight (O, I) laid out once for products; freed with the object. Results have the same bits. */
export function packFloat(
  kernels: NativeKernels,
  weight: Float32Array,
  outputs: number,
  inputs: number,
): PackedFloat {
  checkSizes({ outputs, inputs });
  checkFloats('weight', weight, outputs, inputs);
  return explain(() => kernels.packFloat(weight, outputs, inputs));
}

/** y (T, O) = x (T, I) · weight (O, I)ᵀ + bias (O). A row of y depends on its row of x alone, to the bit. */
export function linear(
  kernels: NativeKernels,
  x: Float32Array,
  weight: Float32Array | PackedFloat,
  bias: Float32Array | null,
  y: Float32Array,
  tokens: number,
  inputs: number,
  outputs: number,
): void {
  checkLayer(x, weight, bias, y, tokens, inputs, outputs);
  explain(() => {
    if (weight instanceof Float32Array) {
      kernels.linear(x, weight, bias, y, tokens, inputs, outputs);
    } else {
      kernels.linearPacked(x, weight, bias, y, tokens, inputs, outputs);
    }
  });
}

/** u (T, O) = x·weightᵀ + bias, kept unless null; y (T, O) = gelu(u), exact. */
export function linearGelu(
  kernels: NativeKernels,
  x: Float32Array,
  weight: Float32Array | PackedFloat,
  bias: Float32Array | null,
  u: Float32Array | null,
  y: Float32Array,
  tokens: number,
  inputs: number,
  outputs: number,
): void {
  checkLayer(x, weight, bias, y, tokens, inputs, outputs);
  if (u) checkFloats('u', u, tokens, outputs);
  explain(() => {
    if (weight instanceof Float32Array) {
      kernels.linearGelu(x, weight, bias, u, y, tokens, inputs, outputs);
    } else {
      kernels.linearGeluPacked(x, weight, bias, u, y, tokens, inputs, outputs);
    }
  });
}

/** dx (T, I) = dy (T, O) · weight (O, I), or with `accumulate` dx += it. */
export function linearInputGradient(
  kernels: NativeKernels,
  dy: Float32Array,
  weight: Float32Array,
  dx: Float32Array,
  tokens: number,
  inputs: number,
  outputs: number,
  accumulate: boolean,
): void {
  checkSizes({ tokens, inputs, outputs });
  checkFloats('dy', dy, tokens, outputs);
  checkFloats('weight', weight, outputs, inputs);
  checkFloats('dx', dx, tokens, inputs);
  explain(() => kernels.linearInputGradient(dy, weight, dx, tokens, inputs, outputs, accumulate));
}

/** dWeight (O, I) = dy (T, O)ᵀ · x (T, I); dBias (O), unless null, = Σ of dy over T. */
export function linearWeightGradient(
  kernels: NativeKernels,
  dy: Float32Array,
  x: Float32Array,
  dWeight: Float32Array,
  dBias: Float32Array | null,
  tokens: number,
  inputs: number,
  outputs: number,
): void {
  checkSizes({ tokens, inputs, outputs });
  checkFloats('dy', dy, tokens, outputs);
  checkFloats('x', x, tokens, inputs);
  checkFloats('dWeight', dWeight, outputs, inputs);
  if (dBias) checkFloats('dBias', dBias, outputs);
  explain(() => kernels.linearWeightGradient(dy, x, dWeight, dBias, tokens, inputs, outputs));
}

function checkLayer(
  x: Float32Array,
  weight: Float32Array | PackedFloat,
  bias: Float32Array | null,
  y: Float32Array,
  tokens: number,
  inputs: number,
  outputs: number,
): void {
  checkSizes({ tokens, inputs, outputs });
  checkFloats('x', x, tokens, inputs);
  if (weight instanceof Float32Array) checkFloats('weight', weight, outputs, inputs);
  if (bias) checkFloats('bias', bias, outputs);
  checkFloats('y', y, tokens, outputs);
}
