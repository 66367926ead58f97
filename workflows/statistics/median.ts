// A median with its 95 % interval, free of assumptions about the distribution.
import { quantile } from './describe.ts';

/** Fewest values whose extremes hold the median with 95 %. */
const minForMedianInterval = 6;

export interface MedianInterval {
  /** Ends of the interval: values that were observed; null under six values, with the reason. */
  low: number | null;
  high: number | null;
  reason: string | null;
}

/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * Interval of the median between two order statistics that holds it with at least 95 %, whatever the
 * distribution. Source: W. J. Conover, Practical Nonparametric Statistics, 3rd ed., section 3.2.
 * Throws RangeError on NaN or infinity.
 */
export function medianInterval(values: readonly number[]): MedianInterval {
  if (!values.every(Number.isFinite)) throw new RangeError('a value is not a finite number');
  const n = values.length;
  if (n < minForMedianInterval) {
    const reason = `a median's interval needs ${minForMedianInterval} values, there ${n === 1 ? 'is' : 'are'} ${n}`;
    return { low: null, high: null, reason };
  }
  // How many of n values lie below the median is binomial(n, 1/2): the tail of 2.5 % is cut off.
  let below = 0;
  let tail = 0;
  for (let term = 2 ** -n; tail + term <= 0.025; below++) {
    tail += term;
    term *= (n - below) / (below + 1);
  }
  const sorted = Float64Array.from(values).sort();
  return { low: sorted[below - 1]!, high: sorted[n - below]!, reason: null };
}
