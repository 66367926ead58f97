// Learning rate by step: linear warm-up from 0, then constant, linear or cosine to 0.
import type { OptimiserOptions } from './options.ts';

/** Rate of step 0…total−1. */
export function learningRate(
  { schedule, warmup, learningRate: peak }: OptimiserOptions,
  step: number,
  total: number,
): number {
  const rising = Math.round(warmup * total);
  if (step < rising) return (peak * (step + 1)) / (rising + 1);
  if (schedule === 'constant') return peak;
  const done = (step - rising) / Math.max(1, total - rising);
  return schedule === 'linear' ? peak * (1 - done) : peak * 0.5 * (1 + Math.cos(Math.PI * done));
}
