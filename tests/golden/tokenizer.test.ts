// The tokenizer against ids that Hugging Face's own implementation gave.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTokenizer } from '@stillwatt/engine';
import { describe, expect, test } from 'vitest';
import { hasTestData, testData } from './env.ts';

interface GoldenText {
  text: string;
  text_pair?: string;
  ids: number[];
  n_type0?: number;
}

const files = ['hf_bert-base-uncased_edge.jsonl', 'tokenizersjs_bert-base-uncased_glue_imdb.jsonl'];

describe.skipIf(!hasTestData)('bert-base-uncased (needs STILLWATT_TEST_DATA)', () => {
  test.each(files)('every id of %s', (file) => {
    const { tokenizer } = bertTokenizer();
    const rows = readFileSync(join(testData, 'golden', file), 'utf8')
      .trimEnd()
      .split('\n');
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows) {
      const { text, text_pair: pair, ids, n_type0: firstCount } = JSON.parse(row) as GoldenText;
      const encoded = tokenizer.encode(text, pair, 1_000_000);
      expect([...encoded.ids], text).toEqual(ids);
      expect(encoded.isTruncated).toBe(false);
      if (firstCount === undefined) continue;
      expect(encoded.types.filter((type) => type === 0).length, text).toBe(firstCount);
    }
  });

  test('cut to a length the specials stay and nothing else changes', () => {
    const { tokenizer } = bertTokenizer();
    const rows = readFileSync(join(testData, 'golden', files[1]!), 'utf8')
      .trimEnd()
      .split('\n');
    for (const row of rows) {
      const { text, text_pair: pair, ids } = JSON.parse(row) as GoldenText;
      const { ids: cut, isTruncated } = tokenizer.encode(text, pair, 16);
      expect(isTruncated).toBe(ids.length > 16);
      expect(cut.length).toBe(Math.min(16, ids.length));
      expect([cut[0], cut.at(-1)]).toEqual([101, 102]);
      if (pair === undefined) expect([...cut.slice(0, -1)]).toEqual(ids.slice(0, cut.length - 1));
    }
  });
});

function bertTokenizer() {
  const words = readFileSync(join(testData, 'vocab/bert-base-uncased-vocab.txt'), 'utf8');
  const vocabulary = words.trimEnd().split('\n');
  const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
  const token = (id: string, type: number) => ({ SpecialToken: { id, type_id: type } });
  const part = (id: string, type: number) => ({ Sequence: { id, type_id: type } });
  const start = token('[CLS]', 0);
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((content) => ({
      id: vocabulary.indexOf(content),
      content,
      special: true,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
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
      single: [start, part('A', 0), token('[SEP]', 0)],
      pair: [start, part('A', 0), token('[SEP]', 0), part('B', 1), token('[SEP]', 1)],
      special_tokens: Object.fromEntries(
        ['[CLS]', '[SEP]'].map((id) => [id, { id, ids: [vocabulary.indexOf(id)], tokens: [id] }]),
      ),
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
    },
  };
  const bytes = new TextEncoder().encode(JSON.stringify(json));
  return { tokenizer: loadTokenizer(bytes, vocabulary.length) };
}
