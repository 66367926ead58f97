// The one comparison of tensors: fails on NaN, and names the worst element.

export interface Comparable {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

export interface Tolerance {
  readonly atol: number;
  readonly rtol: number;
}

/** f32 kernels against f64 references. */
export const f32Tolerance: Tolerance = { atol: 1e-5, rtol: 1e-4 };

/**
 * Null where `actual` equals `expected`, else what differs: shape, NaN or infinity positions, then
 * !(abs(a − b) <= atol + rtol·abs(b)) with the worst index.
 */
export function describeDifference(
  actual: Comparable,
  expected: Comparable,
  { atol, rtol }: Tolerance = f32Tolerance,
): string | null {
  if (actual.shape.join() !== expected.shape.join()) {
    return `shape [${actual.shape.join()}] where [${expected.shape.join()}] is expected`;
  }
  if (actual.values.length !== expected.values.length) {
    return `${actual.values.length} values where ${expected.values.length} are expected`;
  }
  let worst = -1;
  let worstExcess = 0;
  for (let index = 0; index < expected.values.length; index++) {
    const a = actual.values[index]!;
    const b = expected.values[index]!;
    if (!Number.isFinite(a) || !Number.isFinite(b)) {
      // NaN never equals; infinities must be the same.
      if (a === b) continue;
      return `${a} where ${b} is expected at ${position(index, expected.shape)}`;
    }
    const excess = Math.abs(a - b) - (atol + rtol * Math.abs(b));
    if (!(excess <= 0) && (worst < 0 || excess > worstExcess)) {
      worst = index;
      worstExcess = excess;
    }
  }
  if (worst < 0) return null;
  const [a, b] = [actual.values[worst]!, expected.values[worst]!];
  return `${a} where ${b} is expected at ${position(worst, expected.shape)} (atol ${atol}, rtol ${rtol})`;
}

/** Throws with the description. */
export function assertClose(actual: Comparable, expected: Comparable, tolerance?: Tolerance): void {
  const difference = describeDifference(actual, expected, tolerance);
  if (difference !== null) throw new Error(difference);
}

function position(index: number, shape: readonly number[]): string {
  const at: number[] = [];
  for (let axis = shape.length - 1, rest = index; axis >= 0; axis--) {
    const size = shape[axis] ?? 1;
    at.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return `[${at.join(', ')}]`;
}
