import { describe, expect, test } from 'vitest';
import { backends } from '../backends/conformance/backends.ts';
import { expectCode } from '../test-support/expect-error.ts';
import { tinyDataset, tinyModel } from '../test-support/tiny-model.ts';
import { percentile, profileModel } from './profile.ts';

const settings = {
  model: tinyModel(),
  dataset: tinyDataset(),
  lengths: [4, 8],
  batch: [1, 2],
  warmupSeconds: 0,
  windowSeconds: 0.05,
  seed: 1,
};

describe.each(backends)('%s', (_, backend) => {
  const input = { ...settings, backend };

  test('every length and batch has a window whose figures follow from its latencies', async () => {
    const edges: string[] = [];
    const onWindow = (edge: string, length: number, batch: number): void => {
      edges.push(`${edge} ${length}x${batch}`);
    };
    const windows = await profileModel({ ...input, onWindow });
    expect(windows.map(({ length, batch }) => [length, batch])).toEqual([
      [4, 1],
      [4, 2],
      [8, 1],
      [8, 2],
    ]);
    expect(edges.slice(0, 3)).toEqual(['begin 4x1', 'end 4x1', 'begin 4x2']);
    for (const window of windows) {
      expect(window.requests).toBe(window.latenciesMs.length);
      expect(window.requests).toBeGreaterThanOrEqual(20);
      expect(window.p50Ms).toBeLessThanOrEqual(window.p95Ms);
      expect(window.p95Ms).toBeLessThanOrEqual(window.p99Ms);
      const total = window.latenciesMs.reduce((sum, ms) => sum + ms, 0) / 1000;
      expect(window.throughputPerSecond).toBeLessThanOrEqual(
        (window.requests * window.batch) / total,
      );
    }
  });

  test('a length over the positions is refused, a signal ends it', async () => {
    await expectCode(() => profileModel({ ...input, lengths: [25] }), 'INPUT_INVALID');
    const signal = AbortSignal.abort();
    await expectCode(() => profileModel({ ...input, signal }), 'CANCELLED');
  });
});

test('percentiles are nearest ranks', () => {
  const sorted = Array.from({ length: 100 }, (_, index) => index + 1);
  expect([0.5, 0.95, 0.99].map((share) => percentile(sorted, share))).toEqual([50, 95, 99]);
  expect(percentile([7], 0.99)).toBe(7);
});
