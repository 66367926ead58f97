// GLUE SST-2: sentence<TAB>label, header, no quoting. GLUE keeps the test labels, so test is empty here.
import type { Dataset, Example } from '../data/dataset.ts';
import { decodeText, invalidRow, readRows } from './rows.ts';
import { takeFile } from './take-file.ts';

/** From `train.tsv` and `dev.tsv` (the validation split). DATA_INVALID with the row's number. */
export function parseSst2(files: ReadonlyMap<string, Uint8Array>): Dataset {
  const train = readSplit(files, 'train.tsv');
  const validation = readSplit(files, 'dev.tsv');
  return {
    task: 'sst2',
    kind: 'classification',
    labels: ['negative', 'positive'],
    splits: { train, validation, test: [] },
    dropped: {},
  };
}

function readSplit(files: ReadonlyMap<string, Uint8Array>, name: string): Example[] {
  return readRows(decodeText(takeFile(files, name), name), name, 2, 1).map(({ columns, path }) => {
    const [text = '', label = ''] = columns;
    if (text.trim() === '') throw invalidRow('the text is empty', path);
    if (label !== '0' && label !== '1') throw invalidRow(`label ${label} is neither 0 nor 1`, path);
    return { text: text.trimEnd(), label: Number(label) };
  });
}
