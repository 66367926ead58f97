import { expect, test } from 'vitest';
import { expectCode } from '../test-support/expect-error.ts';
import { tinyModel, tinyTokenizer } from '../test-support/tiny-model.ts';
import { loadTokenizer } from './tokenizer.ts';

const { tokenizerJson, config } = tinyModel();
const tokenizer = loadTokenizer(tokenizerJson, config.vocabulary);
const encode = (text: string, pair?: string, length = 16) => {
  const { ids, types, isTruncated } = tokenizer.encode(text, pair, length);
  return { ids: [...ids], types: [...types], isTruncated };
};

test('single and pair', () => {
  expect(encode('Good FILM!')).toEqual({
    ids: [2, 5, 15, 1, 3],
    types: [0, 0, 0, 0, 0],
    isTruncated: false,
  });
  expect(encode('good', 'bad film')).toEqual({
    ids: [2, 5, 3, 9, 15, 3],
    types: [0, 0, 0, 1, 1, 1],
    isTruncated: false,
  });
  expect(encode('').ids).toEqual([2, 3]);
});

test('truncation takes from the longer text and keeps the special tokens', () => {
  expect(encode('good fine great lovely', undefined, 4)).toEqual({
    ids: [2, 5, 6, 3],
    types: [0, 0, 0, 0],
    isTruncated: true,
  });
  expect(encode('good fine great lovely', 'bad poor', 7)).toEqual({
    ids: [2, 5, 6, 3, 9, 10, 3],
    types: [0, 0, 0, 0, 1, 1, 1],
    isTruncated: true,
  });
  // An empty second text is none, cut or not.
  expect(encode('good fine great lovely', '', 5)).toEqual(
    encode('good fine great lovely', undefined, 5),
  );
  // A separator inside a text is no border.
  expect(encode('good [SEP] fine great', undefined, 5).ids).toEqual([2, 5, 3, 6, 3]);
});

test('a tokenizer of another vocabulary, or none, is refused', async () => {
  await expectCode(
    () => loadTokenizer(tokenizerJson, 20),
    'MODEL_INVALID',
    /ids up to 20.*20 embeddings/,
  );
  const broken = new TextEncoder().encode('{}');
  await expectCode(() => loadTokenizer(broken, 100), 'MODEL_INVALID');
  const noSpecials = { ...tinyTokenizer, post_processor: null };
  const bytes = new TextEncoder().encode(JSON.stringify(noSpecials));
  await expectCode(() => loadTokenizer(bytes, 100), 'MODEL_INVALID', /special/);
});

test('no room for a text is an error', async () => {
  await expectCode(() => encode('good fine', undefined, 2), 'INPUT_INVALID');
});
