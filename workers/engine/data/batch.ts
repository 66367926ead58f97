// Tokenised texts and batches of them: padded to the longest of a batch, lengths beside.
import type { TextTokenizer } from '../models/tokenizer.ts';
import type { Example } from './dataset.ts';

export interface EncodedExample {
  readonly ids: Int32Array;
  readonly types: Int32Array;
  readonly label: number;
}

/** B sequences of N tokens, padding at the end. */
export interface Batch {
  readonly batch: number;
  readonly tokens: number;
  /** (B·N) */
  readonly ids: Int32Array;
  readonly types: Int32Array;
  /** (B): real tokens */
  readonly lengths: Int32Array;
  /** (B): class indices or regression targets */
  readonly labels: Float32Array;
}

export interface EncodedSplit {
  readonly examples: readonly EncodedExample[];
  readonly truncated: number;
}

export function encodeExamples(
  tokenizer: TextTokenizer,
  examples: readonly Example[],
  maxLength: number,
): EncodedSplit {
  let truncated = 0;
  const encoded = examples.map(({ text, pair, label }) => {
    const { ids, types, isTruncated } = tokenizer.encode(text, pair, maxLength);
    if (isTruncated) truncated++;
    return { ids, types, label };
  });
  return { examples: encoded, truncated };
}

export function createBatch(
  examples: readonly EncodedExample[],
  indices: readonly number[],
  padTokenId: number,
): Batch {
  const chosen = indices.map((index) => examples[index]!);
  const tokens = Math.max(...chosen.map(({ ids }) => ids.length));
  const batch = chosen.length;
  const ids = new Int32Array(batch * tokens).fill(padTokenId);
  const types = new Int32Array(batch * tokens);
  for (const [row, example] of chosen.entries()) {
    ids.set(example.ids, row * tokens);
    types.set(example.types, row * tokens);
  }
  const lengths = Int32Array.from(chosen, (example) => example.ids.length);
  const labels = Float32Array.from(chosen, ({ label }) => label);
  return { batch, tokens, ids, types, lengths, labels };
}
