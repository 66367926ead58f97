// Classification or regression head on the first token: dense, tanh (BERT) or ReLU (DistilBERT), dense.
import * as tf from '@tensorflow/tfjs-node';
import { linearInputGradient } from '../kernels/linear.ts';
import { tidy } from '../kernels/tidy.ts';
import type { ModelConfig } from './config.ts';
import type { GradientSink } from './gradients.ts';
import { firstTokens, type PassSettings, spreadFirstTokens } from './layer.ts';
import { applyLinear, type WeightSource } from './weights.ts';

export interface HeadForward {
  /** (B, C) */
  readonly logits: tf.Tensor2D;
  readonly first: tf.Tensor2D; // (B, H)
  readonly pooled: tf.Tensor2D; // (B, H), before dropout
  readonly dropped: tf.Tensor2D; // (B, H)
  readonly mask: tf.Tensor2D | null;
  /** (B, H) → (T, H): where the head's gradient enters a layer of all tokens. */
  spread(dFirst: tf.Tensor2D): tf.Tensor2D;
  dispose(): void;
}

export function headForward(
  config: ModelConfig,
  weights: WeightSource,
  hidden: tf.Tensor2D,
  { shape, dropout }: PassSettings,
  isFirst: boolean,
): HeadForward {
  const result = tidy(() => {
    const first = isFirst ? tf.clone(hidden) : firstTokens(hidden, shape);
    const dense = applyLinear(weights, 'pooler', first);
    const pooled = (config.family === 'bert' ? tf.tanh(dense) : tf.relu(dense)) as tf.Tensor2D;
    const mask = dropout(2 * config.layers + 1, shape.batch, config.hidden);
    const dropped = (mask ? tf.mul(pooled, mask) : tf.clone(pooled)) as tf.Tensor2D;
    const logits = applyLinear(weights, 'head', dropped);
    return { logits, first, pooled, dropped, mask };
  });
  return {
    ...result,
    spread: (dFirst) => spreadFirstTokens(dFirst, shape),
    dispose() {
      const { logits, first, pooled, dropped, mask } = result;
      tf.dispose([logits, first, pooled, dropped]);
      mask?.dispose();
    },
  };
}

/** Gradients of the head's weights into the sink; gives ∂first (B, H). */
export function headBackward(
  config: ModelConfig,
  weights: WeightSource,
  { first, pooled, dropped, mask }: HeadForward,
  dLogits: tf.Tensor2D,
  sink: GradientSink,
): tf.Tensor2D {
  sink.addLinear('head', dLogits, dropped);
  const dDropped = linearInputGradient(dLogits, weights.get('head.weight'));
  const dPooled = mask ? tf.mul(dDropped, mask) : dDropped;
  const slope =
    config.family === 'bert'
      ? tf.sub(1, tf.square(pooled))
      : tf.cast(tf.greater(pooled, 0), 'float32');
  const dDense = tf.mul(dPooled, slope);
  sink.addLinear('pooler', dDense, first);
  return linearInputGradient(dDense, weights.get('pooler.weight'));
}
