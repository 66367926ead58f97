// int8 linear layers on native kernels. T tokens, I inputs, O outputs; arrays row after row.
// All: INPUT_INVALID for a wrong length, an array in shared memory, or outputs that overlap other arrays.
import { checkFloats, checkSizes, refuse } from './arrays.ts';
import type { NativeKernels, PackedInt8 } from './binding.ts';
import { explain } from './failure.ts';

/**
 * A weight (O, I) of −127…127 with a scale for each output, laid out once for products; freed with the
 * object. At most 65,536 inputs.
 */
export function packInt8(
  kernels: NativeKernels,
  values: Int8Array,
  scales: Float32Array,
  outputs: number,
  inputs: number,
): PackedInt8 {
  checkSizes({ outputs, inputs });
  if (!(values instanceof Int8Array)) throw refuse('values is not an Int8Array');
  if (values.length !== outputs * inputs) {
    throw refuse(`values has ${values.length} values, not ${outputs} × ${inputs}`);
  }
  checkFloats({ scales }, outputs);
  return explain(() => kernels.packInt8(values, scales, outputs, inputs));
}

/**
 * y (T, O) = x (T, I) · weightᵀ + bias (O). Each token of x is quantized by itself: symmetric, largest
 * magnitude 127, ties to even, scale 1 for zeros; sums are exact, y = sum · token scale · weight scale + bias.
 * A token with NaN or infinity gives NaN. A row of y depends on its row of x alone, to the bit.
 */
export function int8Linear(
  kernels: NativeKernels,
  x: Float32Array,
  weight: PackedInt8,
  bias: Float32Array,
  y: Float32Array,
  tokens: number,
): void {
  checkSizes({ tokens });
  checkFloats({ x }, tokens, weight.inputs);
  checkFloats({ bias }, weight.outputs);
  checkFloats({ y }, tokens, weight.outputs);
  explain(() => kernels.int8Linear(x, weight, bias, y));
}
