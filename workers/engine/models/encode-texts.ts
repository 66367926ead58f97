// Hidden states and contexts of a few texts: to look into a model, and for golden tests.
import type { Backend } from '../backends/backend.ts';
import type { Example } from '../data/dataset.ts';
import { createBatch, encodeExamples } from '../data/batch.ts';
import { forward } from './encoder.ts';
import type { Model } from './model.ts';
import { loadTokenizer } from './tokenizer.ts';
import { uploadWeights } from './weights.ts';

export interface EncodedTexts {
  /** Texts × tokens; shorter texts are padded. */
  readonly batch: number;
  readonly tokens: number;
  readonly ids: Int32Array;
  readonly lengths: Int32Array;
  /** (B·N, hidden) after the embeddings. */
  readonly embedded: Float32Array;
  /** (B·N, hidden) after each layer. */
  readonly hidden: readonly Float32Array[];
  /** (B·N, hidden) of each layer's attention, before its output projection. */
  readonly contexts: readonly Float32Array[];
}

export function encodeTexts(
  backend: Backend,
  model: Model,
  texts: readonly Pick<Example, 'text' | 'pair'>[],
): EncodedTexts {
  const { config, tokenizerJson } = model;
  const tokenizer = loadTokenizer(tokenizerJson, config.vocabulary);
  const rows = texts.map((text) => ({ ...text, label: 0 }));
  const { examples } = encodeExamples(tokenizer, rows, config.positions);
  const encoded = createBatch(examples, [...examples.keys()], config.padTokenId);
  const states = backend.scope(() => {
    const weights = uploadWeights(backend, model);
    const { embedded, layers } = forward(config, weights, encoded, {
      allTokens: true,
      head: false,
    });
    return {
      embedded: backend.read(embedded.hidden),
      hidden: layers.map(({ hidden }) => backend.read(hidden)),
      contexts: layers.map(({ context }) => backend.read(context)),
    };
  });
  const { batch, tokens, ids, lengths } = encoded;
  return { batch, tokens, ids, lengths, ...states };
}
