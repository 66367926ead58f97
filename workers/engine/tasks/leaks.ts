// Texts that stand in two splits: what a model is tested on must not have been its lesson.
import type { Example, SplitName } from '../data/dataset.ts';
import { keyOf } from './split.ts';

/** From the split that is kept whole to the one that gives way. */
const precedence = ['test', 'validation', 'train'] as const;

/** Leaves a text in the first split of test, validation, train that has it; equal texts within one split stay. */
export function dropLeaks(splits: Readonly<Record<SplitName, readonly Example[]>>): {
  splits: Record<SplitName, Example[]>;
  dropped: number;
} {
  const seen = new Set<string>();
  const kept: Record<SplitName, Example[]> = { train: [], validation: [], test: [] };
  let dropped = 0;
  for (const split of precedence) {
    const keys = splits[split].map(keyOf);
    kept[split] = splits[split].filter((_, index) => !seen.has(keys[index] ?? ''));
    dropped += splits[split].length - kept[split].length;
    for (const key of keys) seen.add(key);
  }
  return { splits: kept, dropped };
}
