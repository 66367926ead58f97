// The encoder and its head: a forward pass that keeps what a gradient needs, and the backward pass.
// Passes belong to the scope of the backend that they are made in.
import type { Tensor } from '../backends/tensor.ts';
import type { Batch } from '../data/batch.ts';
import type { ModelConfig } from './config.ts';
import { type Dropout, noDropout } from './dropout.ts';
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
}

/** Gradients that enter a pass from losses; each is of the shape of what it belongs to. */
export interface OutputGradients {
  readonly logits?: Tensor | undefined;
  /** By layer. */
  readonly hidden?: readonly (Tensor | undefined)[] | undefined;
  readonly context?: readonly (Tensor | undefined)[] | undefined;
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
  const settings = { config, shape, lengths: batch.lengths, keep, dropout };
  const embedded = embed(config, weights, batch, settings);
  const layers: LayerForward[] = [];
  let x = embedded.hidden;
  for (let index = 0; index < config.layers; index++) {
    const isLast = index === config.layers - 1;
    const layer = layerForward(weights, index, x, settings, firstOnly && isLast);
    layers.push(layer);
    x = layer.hidden;
  }
  const head = withHead ? headForward(weights, x, settings, firstOnly) : null;
  return { embedded, layers, head, settings, firstOnly, batch };
}

/** Adds the gradients of all wanted weights to the sink. */
export function backward(
  weights: WeightSource,
  pass: ForwardPass,
  gradients: OutputGradients,
  sink: GradientSink,
): void {
  const { embedded, layers, head, settings, firstOnly, batch } = pass;
  const { backend } = weights;
  backend.scope(() => {
    let dHidden: Tensor | null = null;
    if (gradients.logits) {
      if (!head) throw new Error('this forward pass computed no logits');
      const dLast = headBackward(settings.config, weights, head, gradients.logits, sink);
      dHidden = firstOnly ? dLast : backend.spreadFirstTokens(dLast, settings.shape);
    }
    for (let index = layers.length - 1; index >= 0; index--) {
      if (!sink.wantsBelow(index + 1)) return;
      const layer = layers[index]!;
      const x = index === 0 ? embedded.hidden : layers[index - 1]!.hidden;
      const sum = addIfAny(weights, dHidden, gradients.hidden?.[index]);
      const dContext = gradients.context?.[index] ?? null;
      if (!sum && !dContext) continue;
      const isFirst = firstOnly && index === layers.length - 1;
      const dFull = sum ?? zerosLike(weights, layer.hidden);
      dHidden = layerBackward(weights, index, x, layer, dFull, dContext, sink, settings, isFirst);
    }
    if (dHidden) embedBackward(weights, embedded, dHidden, batch, sink);
  });
}

function addIfAny(
  { backend }: WeightSource,
  a: Tensor | null,
  b: Tensor | undefined,
): Tensor | null {
  return a && b ? backend.add(a, b) : (a ?? b ?? null);
}

function zerosLike({ backend }: WeightSource, { shape }: Tensor): Tensor {
  return backend.upload(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
}
