// One axis of a space: a list of values or a range, and the value a draw in [0, 1) means.
import { StillwattError, type SweepAxis } from '@stillwatt/contracts';

export type CellValue = string | number | boolean;

/** The value at `u` in [0, 1): lists evenly, ranges by their scale; integer ranges include both ends. */
export function valueAt(path: string, axis: SweepAxis, u: number): CellValue {
  if (Array.isArray(axis)) return axis[Math.floor(u * axis.length)] as CellValue;
  const { min, max, scale, integer } = axis;
  if (!integer)
    return clamp(
      round(scale === 'log' ? logarithmic(min, max, u) : min + u * (max - min)),
      min,
      max,
    );
  const [low, high] = [Math.ceil(min), Math.floor(max)];
  if (low > high) {
    throw new StillwattError('SPEC_INVALID', `there is no integer from ${min} to ${max}`, {
      path: `sweep.over.${path}`,
      fix: 'widen the range or remove integer: true',
    });
  }
  // One more than the top, so that the last integer gets its full share before rounding down.
  const x = scale === 'log' ? logarithmic(low, high + 1, u) : low + u * (high + 1 - low);
  return clamp(Math.floor(x), low, high);
}

function logarithmic(min: number, max: number, u: number): number {
  return Math.exp(Math.log(min) + u * (Math.log(max) - Math.log(min)));
}

/** Six significant digits: enough for any hyperparameter, short enough to read and to type again. */
function round(x: number): number {
  return Number(x.toPrecision(6));
}

function clamp(x: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, x));
}
