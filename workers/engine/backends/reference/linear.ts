// Linear layer in plain loops and f64.

/** y (T, O) = x (T, I) · Wᵀ + b. */
export function linearReference(
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  bias: ArrayLike<number>,
  inputs: number,
): Float64Array {
  const outputs = bias.length;
  const rows = x.length / inputs;
  const y = new Float64Array(rows * outputs);
  for (let t = 0; t < rows; t++) {
    for (let o = 0; o < outputs; o++) {
      let sum = bias[o]!;
      for (let i = 0; i < inputs; i++) sum += x[t * inputs + i]! * weight[o * inputs + i]!;
      y[t * outputs + o] = sum;
    }
  }
  return y;
}
