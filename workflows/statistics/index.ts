// Statistics: pure, used by evaluation, energy, reports and portal.
export { mean, quantile, standardDeviation } from './describe.ts';
export { meanInterval, type MeanInterval, minForInterval } from './interval.ts';
export { proportionInterval, type ProportionInterval } from './proportion.ts';
export { studentTCumulative, studentTQuantile } from './student-t.ts';
