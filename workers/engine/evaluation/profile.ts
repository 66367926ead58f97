// Latency and throughput of a model on fixed requests: warm-up, then a window of time per shape.
import { StillwattError } from '@stillwatt/contracts';
import type { Batch } from '../data/batch.ts';
import { mix, randomNumbers, streams } from '../data/random.ts';
import { loadTokenizer } from '../models/tokenizer.ts';
import { createEncoder, type Encoder } from './create-encoder.ts';
import type { ProfileInput, ProfileWindow } from './options.ts';

/** Different requests of one shape; the window goes round them. */
const requestCount = 16;
/** A percentile of fewer is not worth its name. */
const fewestRequests = 20;

/**
 * Measures every length × batch in order. Requests are full (no padding), their ids drawn from the
 * texts of the data set, or from the whole vocabulary; both from the seed. INPUT_INVALID where a
 * length is over the model's positions.
 */
export async function profileModel(input: ProfileInput): Promise<ProfileWindow[]> {
  const { backend, model, lengths, batch, seed } = input;
  for (const length of lengths) {
    if (length > model.config.positions) {
      const message = `length ${length} is over the model's ${model.config.positions} positions`;
      throw new StillwattError('INPUT_INVALID', message, {
        path: 'profile.lengths',
        fix: 'Profile shorter texts.',
      });
    }
  }
  const pool = collectTokens(input);
  const shapes = lengths.flatMap((length) => batch.map((size) => ({ length, size })));
  const encoder = await createEncoder(backend, model);
  const windows: ProfileWindow[] = [];
  try {
    for (const { length, size } of shapes) {
      const requests = Array.from({ length: requestCount }, (_, index) =>
        createRequest(pool, length, size, mix(seed, streams.requests, length), index),
      );
      await measure(input, encoder, requests, input.warmupSeconds, 1);
      await input.onWindow?.('begin', length, size);
      const { latencies, seconds } = await measure(
        input,
        encoder,
        requests,
        input.windowSeconds,
        fewestRequests,
      );
      await input.onWindow?.('end', length, size);
      windows.push(summarise(latencies, seconds, length, size));
      input.onProgress?.(windows.length, shapes.length);
    }
  } finally {
    encoder.dispose();
  }
  return windows;
}

async function measure(
  { signal }: ProfileInput,
  encoder: Encoder,
  requests: readonly Batch[],
  seconds: number,
  fewest: number,
): Promise<{ latencies: number[]; seconds: number }> {
  const latencies: number[] = [];
  const start = performance.now();
  while (performance.now() - start < seconds * 1000 || latencies.length < fewest) {
    if (signal?.aborted) throw new StillwattError('CANCELLED', 'profiling was cancelled');
    const request = requests[latencies.length % requests.length]!;
    const begin = performance.now();
    await encoder.run(request, signal);
    latencies.push(performance.now() - begin);
    // Between requests, so that signals and heartbeats get their turn outside the measured time.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { latencies, seconds: (performance.now() - start) / 1000 };
}

function summarise(
  latencies: readonly number[],
  seconds: number,
  length: number,
  batch: number,
): ProfileWindow {
  const sorted = [...latencies].sort((a, b) => a - b);
  return {
    length,
    batch,
    requests: latencies.length,
    p50Ms: percentile(sorted, 0.5),
    p95Ms: percentile(sorted, 0.95),
    p99Ms: percentile(sorted, 0.99),
    throughputPerSecond: (latencies.length * batch) / seconds,
    latenciesMs: latencies,
  };
}

/** Nearest rank of sorted values: an observed latency, never an interpolated one. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

/** Token ids that requests are drawn from. */
function collectTokens({ model, dataset }: ProfileInput): Int32Array {
  const { vocabulary, positions } = model.config;
  const splits = dataset ? [dataset.splits.test, dataset.splits.validation] : [];
  const rows = splits.flat();
  if (rows.length === 0) return Int32Array.from({ length: vocabulary }, (_, id) => id);
  const tokenizer = loadTokenizer(model.tokenizerJson, vocabulary);
  const ids: number[] = [];
  for (const { text, pair } of rows.slice(0, 500)) {
    ids.push(...tokenizer.encode(text, pair, positions).ids.subarray(1, -1));
  }
  return ids.length > 0 ? Int32Array.from(ids) : Int32Array.of(0);
}

function createRequest(
  pool: Int32Array,
  length: number,
  batch: number,
  stream: number,
  index: number,
): Batch {
  const next = randomNumbers(stream, index);
  const ids = Int32Array.from(
    { length: batch * length },
    () => pool[Math.floor(next() * pool.length)]!,
  );
  const lengths = new Int32Array(batch).fill(length);
  const types = new Int32Array(ids.length);
  return { batch, tokens: length, ids, types, lengths, labels: new Float32Array(batch) };
}
