// Length-bucketed batches whose composition and order are a function of (seed, epoch).
import { mix, permutation, streams } from '../data/random.ts';

/** Batches in a bucket: wide enough to mix, narrow enough that lengths are alike. */
const bucketBatches = 32;

/** Indices of each batch of one epoch; every example once, the last batch may be smaller. */
export function batchOrder(
  lengths: readonly number[],
  batchSize: number,
  seed: number,
  epoch: number,
): number[][] {
  const stream = mix(seed, streams.order);
  const shuffled = permutation(lengths.length, stream, 2 * epoch);
  const batches: number[][] = [];
  const width = batchSize * bucketBatches;
  for (let from = 0; from < shuffled.length; from += width) {
    const bucket = shuffled.slice(from, from + width);
    // Equal lengths keep their shuffled order: the sort is stable.
    bucket.sort((a, b) => lengths[a]! - lengths[b]!);
    for (let at = 0; at < bucket.length; at += batchSize) {
      batches.push(bucket.slice(at, at + batchSize));
    }
  }
  return permutation(batches.length, stream, 2 * epoch + 1).map((index) => batches[index]!);
}

/** All batches in order of length, for evaluation. */
export function sortedBatches(lengths: readonly number[], batchSize: number): number[][] {
  const order = lengths.map((_, index) => index).sort((a, b) => lengths[a]! - lengths[b]!);
  const batches: number[][] = [];
  for (let at = 0; at < order.length; at += batchSize)
    batches.push(order.slice(at, at + batchSize));
  return batches;
}
