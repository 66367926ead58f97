// A toy encoder as a model folder: 2 layers of 32, random weights, a real WordPiece tokenizer.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from './random.ts';
import { toyWords } from './toy-words.ts';

export interface ToyModelOptions {
  layers?: number;
  hidden?: number;
  heads?: number;
  seed?: number;
}

/** config.json, model.safetensors, tokenizer.json, vocab.txt in `folder`; use it as `dir:<folder>`. */
export function writeToyModel(folder: string, options: ToyModelOptions = {}): void {
  const { layers = 2, hidden = 32, heads = 4, seed = 1 } = options;
  const vocabulary = toyVocabulary();
  mkdirSync(folder, { recursive: true });
  const config = {
    model_type: 'bert',
    architectures: ['BertModel'],
    vocab_size: vocabulary.length,
    hidden_size: hidden,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    intermediate_size: hidden * 4,
    max_position_embeddings: 128,
    type_vocab_size: 2,
    layer_norm_eps: 1e-12,
    hidden_act: 'gelu',
    pad_token_id: 0,
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config, null, 2));
  writeFileSync(join(folder, 'model.safetensors'), toSafetensors(toyTensors(config, seed)));
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(toyTokenizer(vocabulary)));
  writeFileSync(join(folder, 'vocab.txt'), `${vocabulary.join('\n')}\n`);
}

/** Special tokens, whole words, and the letters that any other word falls into. */
export function toyVocabulary(): string[] {
  const letters = Array.from('abcdefghijklmnopqrstuvwxyz0123456789');
  return [
    '[PAD]',
    '[UNK]',
    '[CLS]',
    '[SEP]',
    '[MASK]',
    ...toyWords.filter((word) => word.length > 1),
    ...letters,
    ...letters.map((letter) => `##${letter}`),
    ...Array.from('.,!?-\'":;()'),
  ];
}

/** tokenizer.json of a lower-casing BERT tokenizer over this vocabulary. */
function toyTokenizer(vocabulary: readonly string[]): object {
  const id = (token: string): number => vocabulary.indexOf(token);
  const special = (content: string): object => ({
    id: id(content),
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  const cls = { SpecialToken: { id: '[CLS]', type_id: 0 } };
  const separator = (type: number): object => ({ SpecialToken: { id: '[SEP]', type_id: type } });
  const sequence = (name: string, type: number): object => ({
    Sequence: { id: name, type_id: type },
  });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'].map(special),
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
      single: [cls, sequence('A', 0), separator(0)],
      pair: [cls, sequence('A', 0), separator(0), sequence('B', 1), separator(1)],
      special_tokens: {
        '[CLS]': { id: '[CLS]', ids: [id('[CLS]')], tokens: ['[CLS]'] },
        '[SEP]': { id: '[SEP]', ids: [id('[SEP]')], tokens: ['[SEP]'] },
      },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((token, index) => [token, index])),
    },
  };
}

interface ToyConfig {
  vocab_size: number;
  hidden_size: number;
  num_hidden_layers: number;
  intermediate_size: number;
  max_position_embeddings: number;
  type_vocab_size: number;
}

type Tensors = Map<string, { shape: number[]; values: Float32Array }>;

/** BertModel's tensors, scaled so that a few dozen steps teach it the toy language: words tell more than places. */
function toyTensors(config: ToyConfig, seed: number): Tensors {
  const random = seededRandom(seed);
  const tensors: Tensors = new Map();
  const add = (name: string, shape: number[], value: () => number): void => {
    const length = shape.reduce((product, size) => product * size, 1);
    tensors.set(name, { shape, values: Float32Array.from({ length }, value) });
  };
  const normal = (deviation: number) => (): number =>
    deviation * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const linear = (name: string, outputs: number, inputs: number): void => {
    add(`${name}.weight`, [outputs, inputs], normal(1 / Math.sqrt(inputs)));
    add(`${name}.bias`, [outputs], () => 0);
  };
  const norm = (name: string): void => {
    add(`${name}.weight`, [hidden], () => 1);
    add(`${name}.bias`, [hidden], () => 0);
  };
  const hidden = config.hidden_size;
  add('embeddings.word_embeddings.weight', [config.vocab_size, hidden], normal(0.5));
  add(
    'embeddings.position_embeddings.weight',
    [config.max_position_embeddings, hidden],
    normal(0.05),
  );
  add('embeddings.token_type_embeddings.weight', [config.type_vocab_size, hidden], normal(0.05));
  norm('embeddings.LayerNorm');
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const here = `encoder.layer.${layer}`;
    for (const part of ['query', 'key', 'value']) {
      linear(`${here}.attention.self.${part}`, hidden, hidden);
    }
    linear(`${here}.attention.output.dense`, hidden, hidden);
    norm(`${here}.attention.output.LayerNorm`);
    linear(`${here}.intermediate.dense`, config.intermediate_size, hidden);
    linear(`${here}.output.dense`, hidden, config.intermediate_size);
    norm(`${here}.output.LayerNorm`);
  }
  linear('pooler.dense', hidden, hidden);
  return tensors;
}

/** The safetensors format: length of the header, header, data. Written here apart from the engine, as a second opinion. */
function toSafetensors(tensors: Tensors): Uint8Array {
  const header: Record<string, object> = {};
  let offset = 0;
  for (const [name, { shape, values }] of tensors) {
    const end = offset + values.byteLength;
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = JSON.stringify(header);
  const head = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  return Buffer.concat([
    length,
    head,
    ...[...tensors.values()].map(({ values }) => Buffer.from(values.buffer)),
  ]);
}
