// Exported models answer in onnxruntime what the engine answers, for every layout, with padding.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { openBackend } from '../backends/open-backend.ts';
import { assertClose } from '../backends/reference/compare.ts';
import type { Batch } from '../data/batch.ts';
import { randomNumbers } from '../data/random.ts';
import type { ModelConfig } from '../models/config.ts';
import { forward } from '../models/encoder.ts';
import type { Model } from '../models/model.ts';
import { uploadWeights } from '../models/weights.ts';
import { quantizeModel } from '../quantization/quantize-model.ts';
import { expectCode } from '../test-support/expect-error.ts';
import { inhibitor, tinyConfig, tinyModel } from '../test-support/tiny-model.ts';
import { exportOnnx } from './export-onnx.ts';

const backend = await openBackend('tfjs', { threads: 1 });
const distilbert = { family: 'distilbert', tokenTypes: 0 } as const;
const thesis = { ...inhibitor, normalise: 'none', centerOver: 'all' } as typeof inhibitor;
const layouts: [string, Partial<ModelConfig>][] = [
  ['BERT, dot', {}],
  ['DistilBERT, dot', distilbert],
  ['BERT, inhibitor', { attention: inhibitor }],
  ['DistilBERT, inhibitor', { ...distilbert, attention: inhibitor }],
  ['BERT, inhibitor as the thesis has it', { attention: thesis }],
  ['DistilBERT, regression', { ...distilbert, labels: ['score'], problem: 'regression' }],
];

/** Sequences of the given lengths with random ids and types, padding included. */
function batchOf(lengths: readonly number[], seed = 1): Batch {
  const next = randomNumbers(seed, 1);
  const [batch, tokens] = [lengths.length, Math.max(...lengths)];
  const draw = (limit: number): Int32Array =>
    Int32Array.from({ length: batch * tokens }, () => Math.floor(next() * limit));
  return {
    batch,
    tokens,
    ids: draw(tinyConfig.vocabulary),
    types: draw(2),
    lengths: Int32Array.from(lengths),
    labels: new Float32Array(batch),
  };
}

function engineLogits(model: Model, batch: Batch): Float32Array {
  return backend.scope(() => {
    const weights = uploadWeights(backend, model);
    return backend.read(forward(model.config, weights, batch).head!.logits);
  });
}

async function onnxLogits(bytes: Uint8Array, batch: Batch): Promise<Float32Array> {
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
  const place = (values: Int32Array): Tensor =>
    new Tensor('int64', BigInt64Array.from(values, BigInt), [batch.batch, batch.tokens]);
  const mask = batch.ids.map((_, at) =>
    at % batch.tokens < batch.lengths[Math.floor(at / batch.tokens)]! ? 1 : 0,
  );
  const feeds = {
    input_ids: place(batch.ids),
    attention_mask: place(mask),
    token_type_ids: place(batch.types),
  };
  const used = Object.entries(feeds).filter(([name]) => session.inputNames.includes(name));
  const { logits } = await session.run(Object.fromEntries(used));
  await session.release();
  return logits!.data as Float32Array;
}

function expectNear(actual: Float32Array, expected: Float32Array, atol: number): void {
  const shape = [expected.length];
  assertClose({ shape, values: actual }, { shape, values: expected }, { atol, rtol: 0 });
}

describe.each(layouts)('%s', (_, overrides) => {
  const model = tinyModel(overrides);

  test.each([[[5, 24, 1, 17]], [[1]], [[12, 12]]])('f32, lengths %j', async (lengths) => {
    const batch = batchOf(lengths);
    const logits = await onnxLogits(exportOnnx(model, { precision: 'f32' }), batch);
    expectNear(logits, engineLogits(model, batch), 1e-5);
  });

  test('int8, of either kind of scales', async () => {
    const batch = batchOf([5, 24, 1, 17]);
    const f32 = engineLogits(model, batch);
    for (const granularity of ['per-channel', 'per-tensor'] as const) {
      const quantized = quantizeModel(model, { granularity });
      const logits = await onnxLogits(exportOnnx(quantized, { precision: 'int8' }), batch);
      expectNear(logits, engineLogits(quantized, batch), 0.1);
      expect(logits).not.toEqual(f32);
    }
  });
});

test('int8 of an f32 model is its per-channel quantization', () => {
  const model = tinyModel();
  const quantized = quantizeModel(model, { granularity: 'per-channel' });
  const [a, b] = [model, quantized].map((each) => exportOnnx(each, { precision: 'int8' }));
  expect(Buffer.compare(a!, b!)).toBe(0);
  expect(a!.length).toBeLessThan(exportOnnx(model, { precision: 'f32' }).length);
});

test('what cannot be exported is refused', async () => {
  const quantized = quantizeModel(tinyModel(), { granularity: 'per-channel' });
  await expectCode(() => exportOnnx(quantized, { precision: 'f32' }), 'INPUT_INVALID', /quantized/);
  const bare = tinyModel({ labels: null });
  await expectCode(() => exportOnnx(bare, { precision: 'f32' }), 'INPUT_INVALID', /head/);
});
