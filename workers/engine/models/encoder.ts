// The encoder and its head: a forward pass that keeps what a gradient needs, and the backward pass.
import * as tf from '@tensorflow/tfjs-node';
import type { Batch } from '../data/batch.ts';
import { type Dropout, noDropout } from '../kernels/dropout.ts';
import { selectAttention } from '../kernels/registry.ts';
import type { ModelConfig } from './config.ts';
import { embed, embedBackward, type Embedded } from './embeddings.ts';
import type { GradientSink } from './gradients.ts';
import { headBackward, headForward, type HeadForward } from './head.ts';
import { type LayerForward, layerBackward, layerForward, type PassSettings } from './layer.ts';
import type { WeightSource } from './weights.ts';

export interface ForwardOptions {
  /** Keep what backward needs. */
  readonly keep?: boolean;
  readonly dropout?: Dropout;
  /** Hidden states of every token of the last layer are wanted, not the logits alone. */
  readonly allTokens?: boolean;
  /** Compute the head; needs a model with labels. Default: where there is one. */
  readonly head?: boolean;
}

export interface ForwardPass {
  readonly embedded: Embedded;
  readonly layers: readonly LayerForward[];
  readonly head: HeadForward | null;
  readonly settings: PassSettings;
  readonly firstOnly: boolean;
  readonly batch: Batch;
  dispose(): void;
}

/** Gradients that enter a pass from losses; each is of the shape of what it belongs to. */
export interface OutputGradients {
  readonly logits?: tf.Tensor2D | undefined;
  /** By layer. */
  readonly hidden?: readonly (tf.Tensor2D | undefined)[] | undefined;
  readonly context?: readonly (tf.Tensor2D | undefined)[] | undefined;
}

export function forward(
  config: ModelConfig,
  weights: WeightSource,
  batch: Batch,
  options: ForwardOptions = {},
): ForwardPass {
  const { keep = false, dropout = noDropout, head: withHead = config.labels !== null } = options;
  const firstOnly = withHead && options.allTokens !== true;
  const features = config.hidden / config.heads;
  const shape = { batch: batch.batch, tokens: batch.tokens, heads: config.heads, features };
  const kernel = selectAttention(config.attention.kind);
  const settings = { config, kernel, shape, lengths: batch.lengths, keep, dropout };
  const embedded = embed(config, weights, batch, settings);
  const layers: LayerForward[] = [];
  let x = embedded.hidden;
  for (let index = 0; index < config.layers; index++) {
    const isLast = index === config.layers - 1;
    const layer = layerForward(weights, index, x, settings, firstOnly && isLast);
    layers.push(layer);
    x = layer.hidden;
  }
  const head = withHead ? headForward(config, weights, x, settings, firstOnly) : null;
  return {
    embedded,
    layers,
    head,
    settings,
    firstOnly,
    batch,
    dispose() {
      embedded.dispose();
      for (const layer of layers) layer.dispose();
      head?.dispose();
    },
  };
}

/** Adds the gradients of all wanted weights to the sink. */
export function backward(
  weights: WeightSource,
  pass: ForwardPass,
  gradients: OutputGradients,
  sink: GradientSink,
): void {
  const { embedded, layers, head, settings, firstOnly, batch } = pass;
  tf.tidy(() => {
    let dHidden: tf.Tensor2D | null = null;
    if (gradients.logits) {
      if (!head) throw new Error('this forward pass computed no logits');
      const dLast = headBackward(settings.config, weights, head, gradients.logits, sink);
      dHidden = firstOnly ? dLast : head.spread(dLast);
    }
    for (let index = layers.length - 1; index >= 0; index--) {
      if (!sink.wantsBelow(index + 1)) return;
      const layer = layers[index]!;
      const x = index === 0 ? embedded.hidden : layers[index - 1]!.hidden;
      const extra = gradients.hidden?.[index];
      const sum = addIfAny(dHidden, extra);
      const dContext = gradients.context?.[index] ?? null;
      if (!sum && !dContext) continue;
      const isFirst = firstOnly && index === layers.length - 1;
      const dFull = sum ?? tf.zerosLike(layer.hidden);
      dHidden = layerBackward(weights, index, x, layer, dFull, dContext, sink, settings, isFirst);
    }
    if (dHidden) embedBackward(weights, embedded, dHidden, batch, sink);
  });
}

function addIfAny(a: tf.Tensor2D | null, b: tf.Tensor2D | undefined): tf.Tensor2D | null {
  if (!a || !b) return a ?? b ?? null;
  return tf.add(a, b) as tf.Tensor2D;
}
