// Statistics: pure, used by evaluation, energy, reports and portal.
export { mean, quantile, standardDeviation } from './describe.ts';
export { meanInterval, type MeanInterval, minForInterval } from './interval.ts';
export { proportionDifference, type ProportionDifference } from './proportion-difference.ts';
export { median, medianInterval, type MedianInterval } from './median.ts';
export { proportionInterval, type ProportionInterval } from './proportion.ts';
export { studentTCumulative, studentTQuantile } from './student-t.ts';
