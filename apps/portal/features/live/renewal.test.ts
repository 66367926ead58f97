import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createRenewal } from './renewal.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const key = (noun: string, verb: string, runId: string) => [[noun, verb], { input: { runId } }];
const stale = { path: ['runs', 'get'], runId: 'run_a', everyMs: 700 } as const;

function client() {
  const queries = new QueryClient();
  const a = key('runs', 'get', 'run_a');
  const b = key('runs', 'get', 'run_b');
  const fresh = () => [a, b].forEach((one) => queries.setQueryData(one, {}));
  fresh();
  const isStale = (of: unknown[]) => queries.getQueryState(of)?.isInvalidated;
  return { queries, fresh, stale: () => [isStale(a), isStale(b)] };
}

it('renews what an event is about, and the last of a burst after a pause', () => {
  const { queries, fresh, stale: state } = client();
  const renewal = createRenewal(queries);
  renewal.one(stale);
  vi.advanceTimersByTime(1);
  expect(state()).toEqual([true, false]);
  fresh();
  renewal.one(stale);
  renewal.one(stale);
  vi.advanceTimersByTime(600);
  expect(state()).toEqual([false, false]);
  vi.advanceTimersByTime(200);
  expect(state()).toEqual([true, false]);
});

it('renews everything, what is not shown now too', () => {
  const { queries, stale: state } = client();
  createRenewal(queries).all();
  expect(state()).toEqual([true, true]);
});
