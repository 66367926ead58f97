// A random BERT of a few thousand weights with a tokenizer of twenty words, and a task it can learn.
import type { Dataset, Example } from '../data/dataset.ts';
import { randomNormals, randomNumbers } from '../data/random.ts';
import type { AttentionConfig, ModelConfig } from '../models/config.ts';
import type { Model, Weight } from '../models/model.ts';
import { planWeights } from '../models/weight-plan.ts';

const words = [
  ...['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'],
  ...['good', 'fine', 'great', 'lovely', 'bad', 'poor', 'dull', 'awful'],
  ...['a', 'the', 'film', 'plot', 'was', 'is', 'very', 'and'],
];
const special = [0, 1, 2, 3, 4].map((id) => ({
  id,
  content: words[id],
  special: true,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
}));

export const tinyTokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: special,
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [cls(), sequence('A', 0), sep(0)],
    pair: [cls(), sequence('A', 0), sep(0), sequence('B', 1), sep(1)],
    special_tokens: {
      '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
      '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
    },
  },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(words.map((word, id) => [word, id])),
  },
};

export const tinyConfig: ModelConfig = {
  family: 'bert',
  layers: 2,
  hidden: 16,
  heads: 2,
  intermediate: 32,
  vocabulary: words.length,
  positions: 24,
  tokenTypes: 2,
  layerNormEpsilon: 1e-12,
  padTokenId: 0,
  labels: ['negative', 'positive'],
  problem: 'classification',
  attention: { kind: 'dot' },
  quantization: null,
};

export const inhibitor: AttentionConfig = {
  kind: 'inhibitor',
  normalise: 'validKeys',
  centerOver: 'valid',
  qkGradient: 'sign',
};

/** Random weights of a size that lets gradients through. */
export function tinyModel(overrides: Partial<ModelConfig> = {}, seed = 1): Model {
  const config = { ...tinyConfig, ...overrides };
  const weights = new Map<string, Weight>();
  for (const [index, { name, shape, role }] of planWeights(config).entries()) {
    const next = randomNormals(seed, index);
    const isScale = name.endsWith('.weight') && role === 'norm';
    const count = shape.reduce((product, size) => product * size, 1);
    const centre = isScale || role === 'scalar' ? 0.8 : 0;
    const values = Float32Array.from({ length: count }, () => centre + 0.2 * next());
    weights.set(name, { shape, values });
  }
  const tokenizerJson = new TextEncoder().encode(JSON.stringify(tinyTokenizer));
  return { config, weights, tokenizerJson };
}

/** Sentences whose one adjective decides the label. */
export function tinyDataset(rows = 96, seed = 1): Dataset {
  const next = randomNumbers(seed, 99);
  const pick = (from: number, to: number): string =>
    words[from + Math.floor(next() * (to - from))]!;
  const examples: Example[] = Array.from({ length: rows }, () => {
    const label = next() < 0.5 ? 0 : 1;
    const filler = Array.from({ length: 1 + Math.floor(next() * 6) }, () => pick(13, 21));
    const adjective = label === 1 ? pick(5, 9) : pick(9, 13);
    return { text: [...filler, adjective].join(' '), label };
  });
  const quarter = Math.floor(rows / 4);
  const splits = {
    test: examples.slice(0, quarter),
    validation: examples.slice(quarter, 2 * quarter),
    train: examples.slice(2 * quarter),
  };
  const labels = ['negative', 'positive'];
  return { task: 'custom', kind: 'classification', labels, splits, dropped: {} };
}

function cls() {
  return { SpecialToken: { id: '[CLS]', type_id: 0 } };
}

function sep(type: number) {
  return { SpecialToken: { id: '[SEP]', type_id: type } };
}

function sequence(id: string, type: number) {
  return { Sequence: { id, type_id: type } };
}
