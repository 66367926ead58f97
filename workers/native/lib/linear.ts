// Linear layers on native kernels. T tokens, I inputs, O outputs; arrays row after row.
// All: INPUT_INVALID for a wrong length, an array in shared memory, or outputs that overlap other arrays.
import { checkFloats, checkSizes } from './arrays.ts';
import type { Methods } from './binding.ts';
import { createOperation } from './create-operation.ts';

/** A weight (O, I) laid out once for products; freed with the object. Results have the same bits. */
export const packFloat = createOperation('packFloat', (weight, outputs, inputs) => {
  checkSizes({ outputs, inputs });
  checkFloats({ weight }, outputs, inputs);
});

/** y (T, O) = x (T, I) · weight (O, I)ᵀ + bias (O). A row of y depends on its row of x alone, to the bit. */
export const linear = createOperation('linear', checkLayer);

/** u (T, O) = x·weightᵀ + bias, kept unless null; y (T, O) = gelu(u), exact. */
export const linearGelu = createOperation(
  'linearGelu',
  (x, weight, bias, u, y, tokens, inputs, outputs) => {
    checkLayer(x, weight, bias, y, tokens, inputs, outputs);
    checkFloats({ u }, tokens, outputs);
  },
);

/** dx (T, I) = dy (T, O) · weight (O, I), or with `accumulate` dx += it. */
export const linearInputGradient = createOperation(
  'linearInputGradient',
  (dy, weight, dx, tokens, inputs, outputs) => {
    checkSizes({ tokens, inputs, outputs });
    checkFloats({ dy }, tokens, outputs);
    checkFloats({ weight }, outputs, inputs);
    checkFloats({ dx }, tokens, inputs);
  },
);

/** dWeight (O, I) = dy (T, O)ᵀ · x (T, I); dBias (O), unless null, = Σ of dy over T. */
export const linearWeightGradient = createOperation(
  'linearWeightGradient',
  (dy, x, dWeight, dBias, tokens, inputs, outputs) => {
    checkSizes({ tokens, inputs, outputs });
    checkFloats({ dy }, tokens, outputs);
    checkFloats({ x }, tokens, inputs);
    checkFloats({ dWeight }, outputs, inputs);
    checkFloats({ dBias }, outputs);
  },
);

function checkLayer(...values: Parameters<Methods['linear']>): void {
  const [x, weight, bias, y, tokens, inputs, outputs] = values;
  checkSizes({ tokens, inputs, outputs });
  checkFloats({ x }, tokens, inputs);
  if (weight instanceof Float32Array) checkFloats({ weight }, outputs, inputs);
  checkFloats({ bias }, outputs);
  checkFloats({ y }, tokens, outputs);
}
