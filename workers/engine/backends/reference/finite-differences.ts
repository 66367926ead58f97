// Gradients by central differences in f64: what every analytic gradient is held against.

/** Gradient of Σ weights·f(x) for every x. Stay away from kinks: `step` is the distance looked at. */
export function numericGradient(
  x: ArrayLike<number>,
  weights: ArrayLike<number>,
  f: (x: Float64Array) => ArrayLike<number>,
  step = 1e-5,
): Float64Array {
  const loss = (at: Float64Array): number => {
    const y = f(at);
    let sum = 0;
    for (let index = 0; index < weights.length; index++) sum += weights[index]! * y[index]!;
    return sum;
  };
  const moved = Float64Array.from(x);
  return moved.map((_, index) => {
    const start = x[index]!;
    moved[index] = start + step;
    const above = loss(moved);
    moved[index] = start - step;
    const below = loss(moved);
    moved[index] = start;
    return (above - below) / (2 * step);
  });
}
