// Splits by a stable hash of the normalised text: 80 % train, 10 % validation, 10 % test.
import type { Example, SplitName } from '../data/dataset.ts';
import { hashText, normaliseText } from './normalise.ts';

export interface Split {
  readonly splits: Record<SplitName, Example[]>;
  readonly duplicates: number;
}

/**
 * Equal texts have equal hashes and so never lie in two splits; of equal texts the first is kept.
 * Rows are in hash order, so that the first k of a split are a fair sample.
 */
export function splitByHash(examples: readonly Example[]): Split {
  const unique = new Map<string, { example: Example; hash: bigint }>();
  for (const example of examples) {
    const key = normaliseText(`${example.text} ${example.pair ?? ''}`);
    if (!unique.has(key)) unique.set(key, { example, hash: hashText(key) });
  }
  const ordered = [...unique.values()].sort((a, b) => (a.hash < b.hash ? -1 : 1));
  const splits: Record<SplitName, Example[]> = { train: [], validation: [], test: [] };
  for (const { example, hash } of ordered) splits[splitOf(hash)].push(example);
  return { splits, duplicates: examples.length - unique.size };
}

function splitOf(hash: bigint): SplitName {
  // High bits of a product: FNV's low bits alone are not well mixed for short texts.
  const share = Number((BigInt.asUintN(64, hash * 0x9e3779b97f4a7c15n) >> 32n) % 10n);
  if (share < 8) return 'train';
  return share === 8 ? 'validation' : 'test';
}
