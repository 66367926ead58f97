// The difference of two shares with its 95 % interval (Newcombe's hybrid of Wilson intervals).
import { proportionInterval } from './proportion.ts';

export interface ProportionDifference {
  /** `share − base`. */
  value: number;
  low: number;
  high: number;
}

/**
 * Interval of the difference of two shares, each counted on examples of its own. On the same examples it is wider
 * than it needs to be: what it calls different is different.
 * Source: R. G. Newcombe, "Interval estimation for the difference between independent proportions", Statistics in
 * Medicine 17 (1998), method 10. Throws RangeError outside 0…1 or n < 1.
 */
export function proportionDifference(
  share: number,
  n: number,
  base: number,
  baseN: number,
): ProportionDifference {
  const own = proportionInterval(share, n);
  const other = proportionInterval(base, baseN);
  const value = share - base;
  return {
    value,
    low: value - Math.hypot(share - own.low, other.high - base),
    high: value + Math.hypot(own.high - share, base - other.low),
  };
}
