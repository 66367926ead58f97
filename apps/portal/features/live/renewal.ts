// Fetches again what live events make stale, no more often than each thing allows.
import type { QueryClient } from '@tanstack/react-query';
import { type Stale, staleKey } from './prepare.ts';

export interface Renewal {
  /** At once, then no more often than `everyMs`; the last event of a burst is never lost. */
  one(stale: Stale): void;
  /** What is shown at once, the rest when it is shown next. */
  all(): void;
}

export function createRenewal(queries: QueryClient): Renewal {
  const nextAt = new Map<string, number>();
  const waiting = new Set<string>();
  return {
    one(stale) {
      const key = staleKey(stale);
      if (waiting.has(key)) return;
      const delay = Math.max(0, (nextAt.get(key) ?? 0) - Date.now());
      waiting.add(key);
      setTimeout(() => {
        waiting.delete(key);
        nextAt.set(key, Date.now() + stale.everyMs);
        void queries.invalidateQueries({
          predicate: ({ queryKey: [path, options] }) =>
            Array.isArray(path) &&
            path[0] === stale.path[0] &&
            path[1] === stale.path[1] &&
            (stale.runId === null || runIdOf(options) === stale.runId),
        });
      }, delay);
    },
    all: () => void queries.invalidateQueries(),
  };
}

function runIdOf(options: unknown): unknown {
  return (options as { input?: { runId?: unknown } } | undefined)?.input?.runId;
}
