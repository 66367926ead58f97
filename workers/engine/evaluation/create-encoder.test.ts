import { expect, test } from 'vitest';
import { backends } from '../backends/conformance/backends.ts';
import { assertClose } from '../backends/reference/compare.ts';
import { createBatch, encodeExamples } from '../data/batch.ts';
import { loadTokenizer } from '../models/tokenizer.ts';
import { quantizeModel } from '../quantization/quantize-model.ts';
import { inhibitor, tinyDataset, tinyModel } from '../test-support/tiny-model.ts';
import { createEncoder } from './create-encoder.ts';
import { evaluateModel } from './evaluate.ts';
import { predictClasses } from './metrics.ts';

const dataset = tinyDataset();

test('every backend answers the same, padded or not', async () => {
  for (const model of [tinyModel(), tinyModel({ attention: inhibitor })]) {
    const tokenizer = loadTokenizer(model.tokenizerJson, model.config.vocabulary);
    const { examples } = encodeExamples(tokenizer, dataset.splits.test, 24);
    const batch = createBatch(examples, [...examples.keys()], 0);
    expect(new Set(batch.lengths).size).toBeGreaterThan(1);
    const logits = await Promise.all(
      backends.map(async ([, backend]) => {
        const encoder = await createEncoder(backend, model);
        const values = await encoder.run(batch);
        encoder.dispose();
        return { shape: [batch.batch, 2], values };
      }),
    );
    for (const found of logits) assertClose(found, logits[0]!, { atol: 1e-5, rtol: 1e-5 });
  }
});

test('of an int8 model at most one answer in 48 is another than in f32', async () => {
  const model = tinyModel({ attention: inhibitor });
  const input = { dataset, split: 'train', batchSize: 16, maxLength: 24 } as const;
  for (const [, backend] of backends) {
    const f32 = await evaluateModel({ ...input, backend, model });
    const int8 = quantizeModel(model, { granularity: 'per-channel' });
    const quantized = await evaluateModel({ ...input, backend, model: int8 });
    expect(quantized.logits).not.toEqual(f32.logits);
    const [a, b] = [f32, quantized].map(({ logits }) => predictClasses(logits, 2));
    expect(a!.filter((answer, row) => answer !== b![row]).length).toBeLessThanOrEqual(1);
  }
});
