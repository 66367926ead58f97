// LayerNorm over the last axis in plain loops and f64.

/** x (T, H); weight, bias (H). */
export function layerNormReference(
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  bias: ArrayLike<number>,
  epsilon: number,
): Float64Array {
  const hidden = weight.length;
  const y = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += hidden) {
    let mean = 0;
    for (let k = 0; k < hidden; k++) mean += x[start + k]! / hidden;
    let variance = 0;
    for (let k = 0; k < hidden; k++) variance += (x[start + k]! - mean) ** 2 / hidden;
    const inverse = 1 / Math.sqrt(variance + epsilon);
    for (let k = 0; k < hidden; k++) {
      y[start + k] = (x[start + k]! - mean) * inverse * weight[k]! + bias[k]!;
    }
  }
  return y;
}
