// One encoder layer, forward and backward. T = B·N tokens, H hidden, F intermediate.
import type { AttentionShape } from '../backends/attention.ts';
import type { NormGradient } from '../backends/backend.ts';
import type { Mask, Saved, Tensor } from '../backends/tensor.ts';
import type { ModelConfig } from './config.ts';
import type { Dropout } from './dropout.ts';
import type { GradientSink } from './gradients.ts';
import { applyLinear, readScalars, type WeightSource } from './weights.ts';

/** What every layer of one pass shares. */
export interface PassSettings {
  readonly config: ModelConfig;
  readonly shape: AttentionShape;
  readonly lengths: Int32Array;
  readonly keep: boolean;
  readonly dropout: Dropout;
}

export interface LayerForward {
  /** (T, H), or (B, H) of the first tokens. */
  readonly hidden: Tensor;
  /** (T, H): attention output before its projection. */
  readonly context: Tensor;
  readonly saved: LayerSaved | null;
}

/** What the gradients of the layer's operations need. */
interface LayerSaved {
  readonly attention: Saved;
  /** Context of the rows that go on: all, or the first tokens'. */
  readonly rows: Tensor;
  readonly norm1: { readonly y: Tensor; readonly saved: Saved };
  readonly activation: { readonly y: Tensor; readonly saved: Saved }; // (T, F)
  readonly norm2: Saved;
}

/**
 * x (T, H) → hidden. With `firstOnly` all that follows attention is computed for the first token of
 * each sequence alone: exact, and enough where only the head reads the last layer.
 */
export function layerForward(
  weights: WeightSource,
  index: number,
  x: Tensor,
  pass: PassSettings,
  firstOnly: boolean,
): LayerForward {
  const { backend } = weights;
  const { config, shape, lengths, dropout } = pass;
  const name = `layer.${index}`;
  return backend.scope(() => {
    const projected = applyLinear(weights, `${name}.qkv`, x);
    const isInhibitor = config.attention.kind === 'inhibitor';
    const scalars = isInhibitor ? readScalars(weights, index) : undefined;
    const input = { shape, projected, lengths, config: config.attention, scalars };
    const { context, saved: attention } = backend.attention(input, pass.keep);
    const rows = firstOnly ? backend.firstTokens(context, shape) : context;
    const residual = firstOnly ? backend.firstTokens(x, shape) : x;
    const out = applyLinear(weights, `${name}.out`, rows);
    const mask1 = dropout(2 * index + 1, out.shape);
    const norm1 = addAndNorm(weights, `${name}.norm1`, residual, out, mask1, config);
    const activation = backend.gelu(applyLinear(weights, `${name}.up`, norm1.y));
    const down = applyLinear(weights, `${name}.down`, activation.y);
    const mask2 = dropout(2 * index + 2, down.shape);
    const norm2 = addAndNorm(weights, `${name}.norm2`, norm1.y, down, mask2, config);
    const saved = attention && { attention, rows, norm1, activation, norm2: norm2.saved };
    return { hidden: norm2.y, context, saved };
  });
}

/**
 * Gradients of the layer's weights into the sink, and ∂x (T, H) where something below is trained.
 * `dContext` is added to the context's gradient (alignment); `dHidden` is of the shape of hidden.
 */
export function layerBackward(
  weights: WeightSource,
  index: number,
  x: Tensor,
  { saved }: LayerForward,
  dHidden: Tensor,
  dContext: Tensor | null,
  sink: GradientSink,
  { config, shape }: PassSettings,
  firstOnly: boolean,
): Tensor | null {
  if (!saved) throw new Error('this forward pass kept nothing for a gradient');
  const { backend } = weights;
  const name = `layer.${index}`;
  return backend.scope(() => {
    const dNorm2 = normBackward(weights, `${name}.norm2`, dHidden, saved.norm2, sink);
    sink.addLinear(`${name}.down`, dNorm2.x, saved.activation.y);
    const dActivated = backend.linearInputGradient(dNorm2.x, weights.get(`${name}.down.weight`));
    const dUp = backend.geluGradient(dActivated, saved.activation.saved);
    sink.addLinear(`${name}.up`, dUp, saved.norm1.y);
    const dInner = backend.linearInputGradient(dUp, weights.get(`${name}.up.weight`));
    const dSum = backend.add(dNorm2.residual, dInner);
    const dNorm1 = normBackward(weights, `${name}.norm1`, dSum, saved.norm1.saved, sink);
    sink.addLinear(`${name}.out`, dNorm1.x, saved.rows);
    const dRows = backend.linearInputGradient(dNorm1.x, weights.get(`${name}.out.weight`));
    const spread = firstOnly ? backend.spreadFirstTokens(dRows, shape) : dRows;
    const dAll = dContext ? backend.add(spread, dContext) : spread;
    const gradient = backend.attentionGradient(config.attention, saved.attention, dAll);
    if (gradient.scalars) sink.addScalars(index, gradient.scalars);
    sink.addLinear(`${name}.qkv`, gradient.projected, x);
    if (!sink.wantsBelow(index)) return null;
    const { residual } = dNorm1;
    const dResidual = firstOnly ? backend.spreadFirstTokens(residual, shape) : residual;
    const dX = backend.linearInputGradient(gradient.projected, weights.get(`${name}.qkv.weight`));
    return backend.add(dResidual, dX);
  });
}

/** LayerNorm(residual + x ⊙ mask) */
function addAndNorm(
  weights: WeightSource,
  name: string,
  residual: Tensor,
  x: Tensor,
  mask: Mask | null,
  { layerNormEpsilon }: ModelConfig,
): { y: Tensor; saved: Saved } {
  const [weight, bias] = [weights.get(`${name}.weight`), weights.get(`${name}.bias`)];
  return weights.backend.layerNorm({ x, residual, mask }, weight, bias, layerNormEpsilon);
}

function normBackward(
  weights: WeightSource,
  name: string,
  dy: Tensor,
  saved: Saved,
  sink: GradientSink,
): NormGradient {
  const gradient = weights.backend.layerNormGradient(dy, saved, weights.get(`${name}.weight`));
  sink.add(`${name}.weight`, gradient.weight);
  sink.add(`${name}.bias`, gradient.bias);
  return gradient;
}
