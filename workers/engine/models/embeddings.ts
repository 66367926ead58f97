// Word, position and type embeddings with their LayerNorm. T = B·N tokens, H hidden.
import * as tf from '@tensorflow/tfjs-node';
import type { Batch } from '../data/batch.ts';
import { layerNorm, layerNormGradient, type LayerNormResult } from '../kernels/layer-norm.ts';
import { tidy } from '../kernels/tidy.ts';
import type { ModelConfig } from './config.ts';
import type { GradientSink } from './gradients.ts';
import type { PassSettings } from './layer.ts';
import type { WeightSource } from './weights.ts';

export interface Embedded {
  /** (T, H) */
  readonly hidden: tf.Tensor2D;
  readonly norm: LayerNormResult | null;
  readonly mask: tf.Tensor2D | null;
  dispose(): void;
}

export function embed(
  config: ModelConfig,
  weights: WeightSource,
  batch: Batch,
  { keep, dropout }: Pick<PassSettings, 'keep' | 'dropout'>,
): Embedded {
  const { ids, types } = batch;
  const result: Omit<Embedded, 'dispose'> = tidy(() => {
    const parts = [
      tf.gather(weights.get('embeddings.word'), tf.tensor1d(ids, 'int32')),
      tf.gather(weights.get('embeddings.position'), tf.tensor1d(positions(batch), 'int32')),
    ];
    if (config.tokenTypes > 0) {
      parts.push(tf.gather(weights.get('embeddings.type'), tf.tensor1d(types, 'int32')));
    }
    const [weight, bias] = ['weight', 'bias'].map((part) => weights.get(`embeddings.norm.${part}`));
    const norm = layerNorm(tf.addN(parts), weight!, bias!, config.layerNormEpsilon);
    const mask = dropout(0, ids.length, config.hidden);
    const hidden = (mask ? tf.mul(norm.y, mask) : tf.clone(norm.y)) as tf.Tensor2D;
    return keep ? { hidden, norm, mask } : { hidden, norm: null, mask: null };
  });
  const { hidden, norm, mask } = result;
  return {
    ...result,
    dispose() {
      hidden.dispose();
      if (norm) tf.dispose([norm.y, norm.normalised, norm.inverse]);
      mask?.dispose();
    },
  };
}

/** Dense gradients of the tables: rows that occur twice are summed in token order. */
export function embedBackward(
  weights: WeightSource,
  { norm, mask }: Embedded,
  dHidden: tf.Tensor2D,
  batch: Batch,
  sink: GradientSink,
): void {
  if (!norm) throw new Error('this forward pass kept nothing for a gradient');
  const dNorm = mask ? tf.mul(dHidden, mask) : dHidden;
  const gradient = layerNormGradient(dNorm, norm, weights.get('embeddings.norm.weight'));
  sink.add('embeddings.norm.weight', gradient.weight);
  sink.add('embeddings.norm.bias', gradient.bias);
  const rows = gradient.x.dataSync() as Float32Array;
  const tables = { word: batch.ids, position: positions(batch), type: batch.types };
  for (const [name, indices] of Object.entries(tables)) {
    const full = `embeddings.${name}`;
    if (!sink.wants(full)) continue;
    const [count = 0, hidden = 0] = weights.get(full).shape;
    sink.add(full, tf.tensor2d(scatter(rows, indices, count, hidden), [count, hidden]));
  }
}

function scatter(
  rows: Float32Array,
  indices: Int32Array,
  count: number,
  hidden: number,
): Float32Array {
  const table = new Float32Array(count * hidden);
  for (let token = 0; token < indices.length; token++) {
    const to = indices[token]! * hidden;
    const from = token * hidden;
    for (let k = 0; k < hidden; k++) table[to + k] = table[to + k]! + rows[from + k]!;
  }
  return table;
}

function positions({ batch, tokens }: Batch): Int32Array {
  return Int32Array.from({ length: batch * tokens }, (_, index) => index % tokens);
}
