// A share of n examples with its 95 % interval (Wilson), which stays inside 0…1 and holds at the ends.
import { studentTQuantile } from './student-t.ts';

export interface ProportionInterval {
  low: number;
  high: number;
}

/**
 * Interval of a share counted on `n` examples; examples drawn alone, so seeds of a run are not covered by it.
 * Source: E. B. Wilson, "Probable inference", JASA 22 (1927). Throws RangeError outside 0…1 or n < 1.
 */
export function proportionInterval(share: number, n: number): ProportionInterval {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`a share is 0…1, not ${share}`);
  if (!(n >= 1)) throw new RangeError(`a share needs at least one example, not ${n}`);
  // The normal quantile, as Student's with so many degrees of freedom that the two agree.
  const z = studentTQuantile(0.975, 1e7);
  const center = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half =
    (z / (1 + (z * z) / n)) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return { low: Math.max(0, center - half), high: Math.min(1, center + half) };
}
