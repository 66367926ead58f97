// The loss against labels, by kind of problem.
import { crossEntropy, type LogitLoss, squaredError } from './losses.ts';

export function labelLoss(
  problem: 'classification' | 'regression',
  logits: Float32Array,
  labels: Float32Array,
): LogitLoss {
  return problem === 'classification' ? crossEntropy(logits, labels) : squaredError(logits, labels);
}
