// A mean over seeds with its 95 % interval, n beside it; no interval where there are too few.
import { mean, standardDeviation } from './describe.ts';
import { studentTQuantile } from './student-t.ts';

/** Fewest values that get an interval: with two, t is 12.7 and the band says nothing. */
export const minForInterval = 3;

export interface MeanInterval {
  n: number;
  /** null of nothing. */
  mean: number | null;
  /** Sample standard deviation; null under two values. */
  sd: number | null;
  /** Ends of the t-based 95 % interval of the mean; null under three values, with the reason. */
  low: number | null;
  high: number | null;
  reason: string | null;
}

/** Mean, spread and t-based 95 % interval, on all values. Throws RangeError on NaN or infinity. */
export function meanInterval(values: readonly number[]): MeanInterval {
  if (!values.every(Number.isFinite)) throw new RangeError('a value is not a finite number');
  const n = values.length;
  const [center, sd] = [n > 0 ? mean(values) : null, n > 1 ? standardDeviation(values) : null];
  if (n < minForInterval || center === null || sd === null) {
    const reason = `an interval needs ${minForInterval} values, there ${n === 1 ? 'is' : 'are'} ${n}`;
    return { n, mean: center, sd, low: null, high: null, reason };
  }
  const half = (studentTQuantile(0.975, n - 1) * sd) / Math.sqrt(n);
  return { n, mean: center, sd, low: center - half, high: center + half, reason: null };
}
