// DistilBERT's shape with random weights of a fixed seed: speed does not depend on what was learned.
import type { Model, ModelConfig } from '@stillwatt/engine';
import type { AttentionKind } from './types.ts';
import { randomNumbers } from '../../workers/engine/data/random.ts';
import { planWeights } from '../../workers/engine/models/weight-plan.ts';

export const shape = { layers: 6, hidden: 768, heads: 12, features: 64, intermediate: 3072 };
/** Enough logits for the length of their difference to say something. */
export const classes = 32;

/** As calibration finds them on real models. */
export const scalars = { alpha: 0.8, beta: 1.4, gamma: 0.7 };

/** Deviation of weights that BERT starts from; attention has wider ones, or the logits would not show it. */
const deviation = { attention: 0.06, rest: 0.02 };

/** Equal weights for either attention. */
export function createModel(attention: AttentionKind): Model {
  const config: ModelConfig = {
    family: 'distilbert',
    layers: shape.layers,
    hidden: shape.hidden,
    heads: shape.heads,
    intermediate: shape.intermediate,
    vocabulary: 30522,
    positions: 512,
    tokenTypes: 0,
    layerNormEpsilon: 1e-12,
    padTokenId: 0,
    labels: Array.from({ length: classes }, (_, label) => String(label)),
    problem: 'classification',
    attention:
      attention === 'dot'
        ? { kind: 'dot' }
        : { kind: 'inhibitor', normalise: 'validKeys', centerOver: 'valid', qkGradient: 'sign' },
    quantization: null,
  };
  const plan = planWeights(config);
  const weights = new Map(
    plan.map(({ name, shape: dims, role }) => {
      const count = dims.reduce((product, size) => product * size, 1);
      if (role === 'scalar') {
        const value = scalars[name.split('.').at(-1) as keyof typeof scalars];
        return [name, { shape: dims, values: new Float32Array(count).fill(value) }];
      }
      // The stream is the name's, so that one attention more or less changes no other weight.
      const next = randomNumbers(hashOf(name), 0);
      const centre = role === 'norm' && name.endsWith('.weight') ? 1 : 0;
      const isAttention = /\.(qkv|out)\.weight$/.test(name);
      const width = deviation[isAttention ? 'attention' : 'rest'] * Math.sqrt(12);
      const values = new Float32Array(count);
      for (let at = 0; at < count; at++) values[at] = centre + width * (next() - 0.5);
      return [name, { shape: dims, values }];
    }),
  );
  return { config, weights, tokenizerJson: new Uint8Array() };
}

function hashOf(name: string): number {
  return [...name].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0, 7);
}
