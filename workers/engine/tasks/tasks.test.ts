import { describe, expect, test } from 'vitest';
import { parseDataset, serialiseDataset } from '../data/dataset.ts';
import { expectCode } from '../test-support/expect-error.ts';
import { normaliseText } from './normalise.ts';
import { parseTask } from './parse-task.ts';
import { limitDataset } from './split.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const snippets = (text: string) =>
  parseTask({
    task: 'movie-snippets',
    files: new Map([['movieReviewSnippets_GroundTruth.txt', bytes(text)]]),
  });
const custom = { format: 'tsv', text: 'text', label: 'label', labels: ['no', 'yes'] } as const;
const customFiles = (train: string, format = 'tsv') =>
  new Map(
    ['train', 'validation', 'test'].map((split) => [
      `${split}.${format}`,
      bytes(split === 'train' ? train : ''),
    ]),
  );

describe('movie snippets', () => {
  const rows = Array.from(
    { length: 500 },
    (_, index) => `${index}\t${index % 2 ? 1.5 : -2}\tfilm number ${index}\r\n`,
  );

  test('sign is the label, zeros and duplicates go, splits are about 80/10/10 and stable', () => {
    const data = snippets([...rows, '500\t0\tneither\n', '501\t-3\tFilm "Number" 7!\n'].join(''));
    expect(data.dropped).toEqual({ 'rating of zero': 1, duplicate: 1 });
    const { train, validation, test: held } = data.splits;
    expect(train.length + validation.length + held.length).toBe(500);
    expect(train.length).toBeGreaterThan(370);
    expect(train.length).toBeLessThan(430);
    expect(train.find(({ text }) => text === 'film number 7')?.label ?? 1).toBe(1);
    // Order of the file does not matter to the split.
    const reversed = snippets([...rows].reverse().join(''));
    expect(reversed.splits).toEqual(snippets(rows.join('')).splits);
    const texts = [...train, ...validation, ...held].map(({ text }) => normaliseText(text));
    expect(new Set(texts).size).toBe(texts.length);
  });

  test.each([
    ['1\t2\n', /:1: 2 columns where 3/],
    ['1\t2\ta\n2\tx\tb\n', /:2: x is not a rating/],
    ['1\t\ta\n', /not a rating/],
    ['1\t4.5\ta\n', /not a rating/],
    ['1\t2\t  \n', /text is empty/],
  ])('%j is refused', async (text, message) => {
    await expectCode(() => snippets(text), 'DATA_INVALID', message);
  });
});

test('SST-2: quotes are text, the dev file is the validation split', async () => {
  const parse = (train: string, dev = 'sentence\tlabel\nb \t0\n') =>
    parseTask({
      task: 'sst2',
      files: new Map([
        ['train.tsv', bytes(train)],
        ['dev.tsv', bytes(dev)],
      ]),
    });
  const { splits } = parse('sentence\tlabel\nan "unbalanced quote \t1\nplain \t0\n');
  expect(splits.train).toEqual([
    { text: 'an "unbalanced quote', label: 1 },
    { text: 'plain', label: 0 },
  ]);
  expect(splits.validation).toHaveLength(1);
  expect(splits.test).toEqual([]);
  await expectCode(() => parse('sentence\tlabel\nx\t2\n'), 'DATA_INVALID', /train.tsv:2: label 2/);
  await expectCode(() => parse('sentence\tlabel\nx\ty\t1\n'), 'DATA_INVALID', /3 columns where 2/);
  await expectCode(
    () => parseTask({ task: 'sst2', files: new Map() }),
    'SOURCE_MISSING',
    /train.tsv/,
  );
});

test('custom TSV and JSONL', async () => {
  const parse = (
    train: string,
    schema: Parameters<typeof parseTask>[0]['schema'] = custom,
    format = 'tsv',
  ) => parseTask({ task: 'custom', schema, files: customFiles(train, format) });
  expect(parse('id\tlabel\ttext\n1\tyes\ta\n2\tno\tb\n').splits.train).toEqual([
    { text: 'a', label: 1 },
    { text: 'b', label: 0 },
  ]);
  const pairs = { ...custom, format: 'jsonl', textPair: 'other' } as const;
  expect(parse('{"text":"a","other":"b","label":"yes"}\n', pairs, 'jsonl').splits.train).toEqual([
    { text: 'a', pair: 'b', label: 1 },
  ]);
  await expectCode(
    () => parse('text\tlabel\na\tmaybe\n'),
    'DATA_INVALID',
    /train.tsv:2: label maybe is none of no, yes/,
  );
  await expectCode(() => parse('text\tlabel\na\n'), 'DATA_INVALID', /1 columns where 2/);
  await expectCode(() => parse('words\tlabel\na\tno\n'), 'DATA_INVALID', /no column text/);
  await expectCode(
    () => parse('{"text":\n', pairs, 'jsonl'),
    'DATA_INVALID',
    /:1: the line is not JSON/,
  );
  await expectCode(() => parseTask({ task: 'custom', files: customFiles('') }), 'SPEC_INVALID');
});

test('a data set is read as it was written; a wrong row is named', async () => {
  const data = snippets('1\t2\tgood – “film”\n2\t-1\tbad\n3\t-1\tdull\n');
  const files = serialiseDataset(data);
  expect(parseDataset(files)).toEqual(data);
  const split = data.splits.train.length > 0 ? 'train' : 'test';
  files.set(`${split}.jsonl`, bytes('{"text":"x","label":7}\n'.repeat(data.splits[split].length)));
  await expectCode(() => parseDataset(files), 'DATA_INVALID', /label of the task/);
  const header = JSON.parse(new TextDecoder().decode(files.get('dataset.json'))) as object;
  const wrong: [string, Uint8Array, RegExp][] = [
    [
      `${split}.jsonl`,
      bytes('{"text":"x","pair":1,"label":0}\n'.repeat(data.splits[split].length)),
      /text/,
    ],
    [`${split}.jsonl`, Uint8Array.of(0xff), /UTF-8/],
    ['dataset.json', bytes(JSON.stringify({ ...header, kind: 'ranking' })), /header/],
    ['dataset.json', bytes(JSON.stringify({ ...header, labels: [1, 2] })), /header/],
  ];
  for (const [name, content, message] of wrong) {
    const changed = new Map([...serialiseDataset(data), [name, content]]);
    await expectCode(() => parseDataset(changed), 'DATA_INVALID', message);
  }
});

test('the rows kept of a file that is sorted by label are a fair sample, in the order of the file', () => {
  const rows = Array.from(
    { length: 200 },
    (_, row) => `${row < 100 ? 'no' : 'yes'}\tfilm ${row}\n`,
  );
  const data = parseTask({
    task: 'custom',
    schema: custom,
    files: customFiles(`label\ttext\n${rows.join('')}`),
  });
  const { train } = limitDataset(data, 40).splits;
  expect(train).toHaveLength(40);
  const labels = train.map(({ label }) => label);
  expect(labels).toEqual(labels.toSorted());
  const share = labels.filter((label) => label === 1).length / 40;
  expect(share).toBeGreaterThan(0.25);
  expect(share).toBeLessThan(0.75);
  const more = new Set(limitDataset(data, 60).splits.train);
  expect(train.every((row) => more.has(row))).toBe(true);
  expect(limitDataset(data, undefined)).toBe(data);
});

test('texts are equal by letters, marks and digits, and by what else they are made of if they have none', () => {
  expect(normaliseText(' The FILM – №1! ')).toBe(normaliseText('the film no1'));
  expect(normaliseText('की')).not.toBe(normaliseText('का'));
  expect(normaliseText(' :-) ')).toBe(':-)');
  expect(normaliseText(':-(')).not.toBe(normaliseText(':-)'));
  expect(normaliseText(' ')).toBe('');
});
