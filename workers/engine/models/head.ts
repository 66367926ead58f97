// Classification or regression head on the first token: dense, tanh (BERT) or ReLU (DistilBERT), dense.
import type { Mask, Tensor } from '../backends/tensor.ts';
import type { ModelConfig } from './config.ts';
import type { GradientSink } from './gradients.ts';
import type { PassSettings } from './layer.ts';
import { applyLinear, type WeightSource } from './weights.ts';

export interface HeadForward {
  /** (B, C) */
  readonly logits: Tensor;
  readonly first: Tensor; // (B, H)
  readonly pooled: Tensor; // (B, H), before dropout
  readonly dropped: Tensor; // (B, H)
  readonly mask: Mask | null;
}

/** hidden (T, H), or (B, H) where it is of the first tokens alone. */
export function headForward(
  weights: WeightSource,
  hidden: Tensor,
  { config, shape, dropout }: PassSettings,
  isFirst: boolean,
): HeadForward {
  const { backend } = weights;
  return backend.scope(() => {
    const first = isFirst ? hidden : backend.firstTokens(hidden, shape);
    const pooled = backend.activate(poolerOf(config), applyLinear(weights, 'pooler', first));
    const mask = dropout(2 * config.layers + 1, pooled.shape);
    const dropped = backend.applyMask(pooled, mask);
    const logits = applyLinear(weights, 'head', dropped);
    return { logits, first, pooled, dropped, mask };
  });
}

/** Gradients of the head's weights into the sink; gives ∂first (B, H). */
export function headBackward(
  config: ModelConfig,
  weights: WeightSource,
  { first, pooled, dropped, mask }: HeadForward,
  dLogits: Tensor,
  sink: GradientSink,
): Tensor {
  const { backend } = weights;
  sink.addLinear('head', dLogits, dropped);
  const dDropped = backend.linearInputGradient(dLogits, weights.get('head.weight'));
  const dPooled = backend.applyMask(dDropped, mask);
  const dDense = backend.activateGradient(poolerOf(config), dPooled, pooled);
  sink.addLinear('pooler', dDense, first);
  return backend.linearInputGradient(dDense, weights.get('pooler.weight'));
}

function poolerOf({ family }: ModelConfig): 'tanh' | 'relu' {
  return family === 'bert' ? 'tanh' : 'relu';
}
