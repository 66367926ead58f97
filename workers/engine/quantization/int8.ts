// Symmetric int8: weights once, activations per token while computing. Plain arithmetic over typed arrays.

/** w ≈ values · scales[row]; scales has one entry per row, equal ones for `per-tensor`. */
export interface QuantizedMatrix {
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

/** Largest magnitude; −128 is not used, so that the range is symmetric. */
export const int8Limit = 127;

/** Quantizes (rows, columns), rounding to nearest, ties to even. A row of zeros gets scale 1. */
export function quantizeRows(
  weights: Float32Array,
  columns: number,
  granularity: 'per-channel' | 'per-tensor',
): QuantizedMatrix {
  const rows = weights.length / columns;
  const values = new Int8Array(weights.length);
  const scales = new Float32Array(rows);
  const whole = scaleOf(weights);
  for (let row = 0; row < rows; row++) {
    const from = row * columns;
    const scale =
      granularity === 'per-tensor' ? whole : scaleOf(weights.subarray(from, from + columns));
    scales[row] = scale;
    for (let at = from; at < from + columns; at++) {
      const quotient = roundHalfEven(weights[at]! / scale);
      values[at] = Math.max(-int8Limit, Math.min(int8Limit, quotient));
    }
  }
  return { values, scales };
}

/** y = x Wᵀ + b with x quantized per row, integer sums, f32 scales: what the tensor form computes, in plain loops. */
export function int8LinearReference(
  x: Float32Array,
  { values, scales }: QuantizedMatrix,
  bias: Float32Array,
  columns: number,
): Float64Array {
  const rows = x.length / columns;
  const quantized = quantizeRows(x, columns, 'per-channel');
  const y = new Float64Array(rows * bias.length);
  for (let t = 0; t < rows; t++) {
    for (let o = 0; o < bias.length; o++) {
      let sum = 0;
      for (let i = 0; i < columns; i++) {
        sum += quantized.values[t * columns + i]! * values[o * columns + i]!;
      }
      y[t * bias.length + o] = sum * quantized.scales[t]! * scales[o]! + bias[o]!;
    }
  }
  return y;
}

function scaleOf(values: Float32Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest === 0 ? 1 : Math.fround(largest / int8Limit);
}

function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
