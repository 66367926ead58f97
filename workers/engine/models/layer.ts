// One encoder layer, forward and backward. T = B·N tokens, H hidden, F intermediate.
import * as tf from '@tensorflow/tfjs-node';
import type { AttentionForward, AttentionKernel, AttentionShape } from '../kernels/attention.ts';
import type { Dropout } from '../kernels/dropout.ts';
import { gelu, geluGradient, type GeluResult } from '../kernels/gelu.ts';
import { layerNorm, layerNormGradient, type LayerNormResult } from '../kernels/layer-norm.ts';
import { linearInputGradient } from '../kernels/linear.ts';
import { tidy } from '../kernels/tidy.ts';
import type { ModelConfig } from './config.ts';
import type { GradientSink } from './gradients.ts';
import { applyLinear, readScalars, type WeightSource } from './weights.ts';

/** What every layer of one pass shares. */
export interface PassSettings {
  readonly config: ModelConfig;
  readonly kernel: AttentionKernel;
  readonly shape: AttentionShape;
  readonly lengths: Int32Array;
  readonly keep: boolean;
  readonly dropout: Dropout;
}

export interface LayerForward {
  /** (T, H), or (B, H) of the first tokens. */
  readonly hidden: tf.Tensor2D;
  /** (T, H): attention output before its projection. */
  readonly context: tf.Tensor2D;
  readonly saved: LayerSaved | null;
  dispose(): void;
}

interface LayerSaved {
  readonly attention: AttentionForward;
  /** Context of the rows that go on: all, or the first tokens'. */
  readonly rows: tf.Tensor2D;
  readonly mask1: tf.Tensor2D | null;
  readonly norm1: LayerNormResult;
  readonly up: tf.Tensor2D; // (T, F)
  readonly activation: GeluResult; // (T, F)
  readonly mask2: tf.Tensor2D | null;
  readonly norm2: Pick<LayerNormResult, 'normalised' | 'inverse'>;
}

/**
 * x (T, H) → hidden. With `firstOnly` all that follows attention is computed for the first token of
 * each sequence alone: exact, and enough where only the head reads the last layer.
 */
export function layerForward(
  weights: WeightSource,
  index: number,
  x: tf.Tensor2D,
  pass: PassSettings,
  firstOnly: boolean,
): LayerForward {
  const { config, kernel, shape, lengths, keep, dropout } = pass;
  const name = `layer.${index}`;
  const isInhibitor = config.attention.kind === 'inhibitor';
  const projected = applyLinear(weights, `${name}.qkv`, x);
  const attention = kernel.forward(
    {
      shape,
      projected,
      lengths,
      config: config.attention,
      scalars: isInhibitor ? readScalars(weights, index) : undefined,
    },
    keep,
  );
  projected.dispose();
  const { context } = attention;
  const result = tidy((): { hidden: tf.Tensor2D; saved: Omit<LayerSaved, 'attention'> | null } => {
    const epsilon = config.layerNormEpsilon;
    const rows = firstOnly ? firstTokens(context, shape) : tf.clone(context);
    const residual = firstOnly ? firstTokens(x, shape) : x;
    const out = applyLinear(weights, `${name}.out`, rows);
    const mask1 = dropout(2 * index + 1, out.shape[0], out.shape[1]);
    const norm1 = norm(weights, `${name}.norm1`, addDropped(residual, out, mask1), epsilon);
    const up = applyLinear(weights, `${name}.up`, norm1.y);
    const activation = gelu(up);
    const down = applyLinear(weights, `${name}.down`, activation.y);
    const mask2 = dropout(2 * index + 2, down.shape[0], down.shape[1]);
    const norm2 = norm(weights, `${name}.norm2`, addDropped(norm1.y, down, mask2), epsilon);
    const { y: hidden, normalised, inverse } = norm2;
    if (!keep) return { hidden, saved: null };
    const kept = { normalised, inverse };
    return { hidden, saved: { rows, mask1, norm1, up, activation, mask2, norm2: kept } };
  });
  const { hidden, saved } = result;
  return {
    hidden,
    context,
    saved: saved && { ...saved, attention },
    dispose() {
      attention.dispose();
      tf.dispose([hidden, context]);
      if (saved) disposeSaved(saved);
    },
  };
}

/**
 * Gradients of the layer's weights into the sink, and ∂x (T, H) where something below is trained.
 * `dContext` is added to the context's gradient (alignment); `dHidden` is of the shape of hidden.
 */
export function layerBackward(
  weights: WeightSource,
  index: number,
  x: tf.Tensor2D,
  { saved }: LayerForward,
  dHidden: tf.Tensor2D,
  dContext: tf.Tensor2D | null,
  sink: GradientSink,
  pass: PassSettings,
  firstOnly: boolean,
): tf.Tensor2D | null {
  if (!saved) throw new Error('this forward pass kept nothing for a gradient');
  const { shape } = pass;
  const name = `layer.${index}`;
  return tidy(() => {
    const dSum2 = normBackward(weights, `${name}.norm2`, dHidden, saved.norm2, sink);
    const dDown = saved.mask2 ? tf.mul(dSum2, saved.mask2) : dSum2;
    sink.addLinear(`${name}.down`, dDown, saved.activation.y);
    const dActivated = linearInputGradient(dDown, weights.get(`${name}.down.weight`));
    const dUp = geluGradient(dActivated, saved.up, saved.activation.cumulative);
    sink.addLinear(`${name}.up`, dUp, saved.norm1.y);
    const dNorm1 = tf.add(dSum2, linearInputGradient(dUp, weights.get(`${name}.up.weight`)));
    const dSum1 = normBackward(weights, `${name}.norm1`, dNorm1, saved.norm1, sink);
    const dOut = saved.mask1 ? tf.mul(dSum1, saved.mask1) : dSum1;
    sink.addLinear(`${name}.out`, dOut, saved.rows);
    const dRows = linearInputGradient(dOut, weights.get(`${name}.out.weight`));
    const spread = firstOnly ? spreadFirstTokens(dRows, shape) : dRows;
    const dAll = dContext ? tf.add(spread, dContext) : spread;
    const { projected, scalars } = saved.attention.gradient(dAll as tf.Tensor2D);
    if (scalars) sink.addScalars(index, scalars);
    sink.addLinear(`${name}.qkv`, projected, x);
    if (!sink.wantsBelow(index)) return null;
    const dResidual = firstOnly ? spreadFirstTokens(dSum1 as tf.Tensor2D, shape) : dSum1;
    const dX = linearInputGradient(projected, weights.get(`${name}.qkv.weight`));
    return tf.add(dResidual, dX) as tf.Tensor2D;
  });
}

/** (T, H) → (B, H) */
export function firstTokens(x: tf.Tensor2D, { batch, tokens }: AttentionShape): tf.Tensor2D {
  const hidden = x.shape[1];
  return tf.tidy(() => {
    const split = tf.reshape(x, [batch, tokens * hidden]);
    return tf.slice(split, [0, 0], [batch, hidden]) as tf.Tensor2D;
  });
}

/** (B, H) → (T, H), zero elsewhere: the gradient of firstTokens. */
export function spreadFirstTokens(x: tf.Tensor2D, { batch, tokens }: AttentionShape): tf.Tensor2D {
  const hidden = x.shape[1];
  return tf.tidy(() => {
    const padded = tf.pad(x, [
      [0, 0],
      [0, (tokens - 1) * hidden],
    ]);
    return tf.reshape(padded, [batch * tokens, hidden]) as tf.Tensor2D;
  });
}

function norm(weights: WeightSource, name: string, x: tf.Tensor, epsilon: number): LayerNormResult {
  return layerNorm(x, weights.get(`${name}.weight`), weights.get(`${name}.bias`), epsilon);
}

function normBackward(
  weights: WeightSource,
  name: string,
  dy: tf.Tensor,
  saved: Pick<LayerNormResult, 'normalised' | 'inverse'>,
  sink: GradientSink,
): tf.Tensor2D {
  const gradient = layerNormGradient(dy, saved, weights.get(`${name}.weight`));
  sink.add(`${name}.weight`, gradient.weight);
  sink.add(`${name}.bias`, gradient.bias);
  return gradient.x;
}

function addDropped(residual: tf.Tensor, x: tf.Tensor, mask: tf.Tensor | null): tf.Tensor {
  return tf.add(residual, mask ? tf.mul(x, mask) : x);
}

function disposeSaved(saved: Omit<LayerSaved, 'attention'>): void {
  const { rows, mask1, norm1, up, activation, mask2, norm2 } = saved;
  tf.dispose([rows, norm1.y, norm1.normalised, norm1.inverse, up]);
  tf.dispose([activation.y, activation.cumulative, norm2.normalised, norm2.inverse]);
  mask1?.dispose();
  mask2?.dispose();
}
