// Splits and samples by a stable hash of the normalised text.
import type { Dataset, Example, SplitName } from '../data/dataset.ts';
import { hashText, normaliseText } from './normalise.ts';

export interface Split {
  readonly splits: Record<SplitName, Example[]>;
  readonly duplicates: number;
}

/**
 * 80 % train, 10 % validation, 10 % test. Equal texts have equal hashes and so never lie in two splits; of
 * equal texts the first is kept. Rows are in hash order: that of the file does not matter.
 */
export function splitByHash(examples: readonly Example[]): Split {
  const unique = new Map<string, { example: Example; hash: bigint }>();
  for (const example of examples) {
    const key = keyOf(example);
    if (!unique.has(key)) unique.set(key, { example, hash: hashText(key) });
  }
  const ordered = [...unique.values()].sort((a, b) => (a.hash < b.hash ? -1 : 1));
  const splits: Record<SplitName, Example[]> = { train: [], validation: [], test: [] };
  for (const { example, hash } of ordered) splits[splitOf(hash)].push(example);
  return { splits, duplicates: examples.length - unique.size };
}

/** Keeps `limit` rows of each split (toy runs): the same ones whatever else the file holds. */
export function limitDataset(dataset: Dataset, limit: number | undefined): Dataset {
  if (limit === undefined) return dataset;
  const { train, validation, test } = dataset.splits;
  const splits = {
    train: takeLowest(train, limit),
    validation: takeLowest(validation, limit),
    test: takeLowest(test, limit),
  };
  return { ...dataset, splits };
}

function takeLowest(rows: readonly Example[], limit: number): readonly Example[] {
  if (rows.length <= limit) return rows;
  const hashed = rows.map((row, index) => ({ index, hash: mixed(hashText(keyOf(row))) }));
  hashed.sort((a, b) => (a.hash === b.hash ? a.index - b.index : a.hash < b.hash ? -1 : 1));
  const kept = new Set(hashed.slice(0, limit).map(({ index }) => index));
  return rows.filter((_, index) => kept.has(index));
}

/** Texts of one key are the same text. */
export function keyOf({ text, pair }: Example): string {
  return normaliseText(`${text} ${pair ?? ''}`);
}

function splitOf(hash: bigint): SplitName {
  const share = Number((mixed(hash) >> 32n) % 10n);
  if (share < 8) return 'train';
  return share === 8 ? 'validation' : 'test';
}

/** High bits that depend on every byte: FNV alone hardly mixes the last ones of a text. */
function mixed(hash: bigint): bigint {
  return BigInt.asUintN(64, hash * 0x9e3779b97f4a7c15n);
}
