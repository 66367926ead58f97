import { expect, test } from 'vitest';
import { expectCode } from '../test-support/expect-error.ts';
import { inhibitor, tinyConfig } from '../test-support/tiny-model.ts';
import { parseConfig, writeConfig } from './config.ts';

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const bert = {
  model_type: 'bert',
  vocab_size: 100,
  max_position_embeddings: 32,
  hidden_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  intermediate_size: 32,
  transformers_version: '4.8.2',
};

test('what is written is read', () => {
  const quantization = { scheme: 'int8-dynamic', granularity: 'per-channel' } as const;
  for (const config of [
    tinyConfig,
    { ...tinyConfig, labels: null },
    { ...tinyConfig, attention: inhibitor, quantization },
    { ...tinyConfig, family: 'distilbert', tokenTypes: 0 } as const,
    { ...tinyConfig, labels: ['value'], problem: 'regression' } as const,
  ]) {
    expect(parseConfig(writeConfig(config))).toEqual(config);
  }
});

test('a plain Hugging Face file is a bare dot-product encoder', () => {
  const config = parseConfig(encode(bert));
  expect(config).toMatchObject({ labels: null, attention: { kind: 'dot' }, quantization: null });
});

test.each([
  ['family', { ...bert, model_type: 'gpt2' }, /model_type|discriminator|Invalid/],
  ['activation', { ...bert, hidden_act: 'gelu_new' }, /gelu/],
  ['positions', { ...bert, position_embedding_type: 'relative_key' }, /absolute/],
  ['heads', { ...bert, num_attention_heads: 3 }, /multiple/],
  ['padding token', { ...bert, pad_token_id: 100 }, /token 100 is not among 100/],
  [
    'label id',
    { ...bert, architectures: ['BertForSequenceClassification'], id2label: { '': 'a' } },
    /0, 1, 2/,
  ],
  ['missing size', { ...bert, hidden_size: undefined }, /config.json/],
  ['absurd size', { ...bert, num_hidden_layers: 1e9 }, /config.json/],
  [
    'own key',
    { ...bert, stillwatt: { version: 1, attention: { kind: 'dot', x: 1 }, quantization: null } },
    /config.json/,
  ],
])('a wrong %s is refused', async (_, file, message) => {
  await expectCode(() => parseConfig(encode(file)), 'MODEL_INVALID', message);
});

test('what is no JSON is refused', async () => {
  await expectCode(() => parseConfig(Uint8Array.of(0xff, 0xfe)), 'MODEL_INVALID', /not JSON/);
});
