// Word, position and type embeddings with their LayerNorm. T = B·N tokens, H hidden.
import type { Mask, Saved, Tensor } from '../backends/tensor.ts';
import type { Batch } from '../data/batch.ts';
import type { ModelConfig } from './config.ts';
import type { GradientSink } from './gradients.ts';
import type { PassSettings } from './layer.ts';
import type { WeightSource } from './weights.ts';

export interface Embedded {
  /** (T, H) */
  readonly hidden: Tensor;
  readonly saved: { readonly norm: Saved; readonly mask: Mask | null } | null;
}

export function embed(
  config: ModelConfig,
  weights: WeightSource,
  batch: Batch,
  { keep, dropout }: Pick<PassSettings, 'keep' | 'dropout'>,
): Embedded {
  const { backend } = weights;
  return backend.scope(() => {
    const used = tables(batch).filter(({ name }) => name !== 'type' || config.tokenTypes > 0);
    const sum = backend.embed(
      used.map(({ name }) => weights.get(`embeddings.${name}`)),
      used.map(({ indices }) => indices),
    );
    const [weight, bias] = ['weight', 'bias'].map((part) => weights.get(`embeddings.norm.${part}`));
    const input = { x: sum, residual: null, mask: null };
    const norm = backend.layerNorm(input, weight!, bias!, config.layerNormEpsilon);
    const mask = dropout(0, sum.shape);
    const hidden = backend.applyMask(norm.y, mask);
    return { hidden, saved: keep ? { norm: norm.saved, mask } : null };
  });
}

/** Dense gradients of the tables. */
export function embedBackward(
  weights: WeightSource,
  { saved }: Embedded,
  dHidden: Tensor,
  batch: Batch,
  sink: GradientSink,
): void {
  if (!saved) throw new Error('this forward pass kept nothing for a gradient');
  const { backend } = weights;
  const dNorm = backend.applyMask(dHidden, saved.mask);
  const scale = weights.get('embeddings.norm.weight');
  const gradient = backend.layerNormGradient(dNorm, saved.norm, scale);
  sink.add('embeddings.norm.weight', gradient.weight);
  sink.add('embeddings.norm.bias', gradient.bias);
  for (const { name, indices } of tables(batch)) {
    const full = `embeddings.${name}`;
    if (!sink.wants(full)) continue;
    sink.add(full, backend.embedGradient(gradient.x, indices, weights.get(full).shape[0] ?? 0));
  }
}

/** Which row of each table a token takes. */
function tables(batch: Batch): { name: string; indices: Int32Array }[] {
  return [
    { name: 'word', indices: batch.ids },
    { name: 'position', indices: positions(batch) },
    { name: 'type', indices: batch.types },
  ];
}

function positions({ batch, tokens }: Batch): Int32Array {
  return Int32Array.from({ length: batch * tokens }, (_, index) => index % tokens);
}
