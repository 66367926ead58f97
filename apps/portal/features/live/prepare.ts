// Which answers of the API a live event makes stale.
import type { LiveEvent } from '@stillwatt/contracts';

/** tRPC procedure paths; `runId` narrows those that are about one run. */
export interface Stale {
  path: readonly [noun: string, verb: string];
  runId: string | null;
  /** Shortest time between two fetches: rows move often, curves are large. */
  everyMs: number;
}

/** What to fetch again after `event`. */
export function staleAfter(event: LiveEvent): Stale[] {
  const { runId, sweepId } = event;
  const lists: Stale[] = [{ path: ['runs', 'list'], runId: null, everyMs: 1000 }];
  if (sweepId !== null) {
    lists.push(
      { path: ['sweeps', 'list'], runId: null, everyMs: 2000 },
      { path: ['sweeps', 'get'], runId: null, everyMs: 1500 },
    );
  }
  const detail: Stale = { path: ['runs', 'get'], runId, everyMs: 700 };
  switch (event.type) {
    case 'run':
      return [...lists, detail, { path: ['runs', 'compare'], runId: null, everyMs: 2000 }];
    case 'stage':
      return [...lists, detail, { path: ['runs', 'artifacts'], runId, everyMs: 2000 }];
    case 'progress':
      return [...lists, detail];
    case 'metrics':
      return [{ path: ['runs', 'metrics'], runId, everyMs: 1500 }];
    case 'logs':
      return [{ path: ['runs', 'logs'], runId, everyMs: 1000 }];
    case 'comment':
      return [{ path: ['comments', 'list'], runId, everyMs: 0 }];
    case 'sweep':
      return [...lists, { path: ['schedules', 'list'], runId: null, everyMs: 2000 }];
    case 'presence':
      return [];
  }
}

/** One string per thing to fetch, under which fetches are spaced. */
export function staleKey(stale: Stale): string {
  return `${stale.path.join('.')}:${stale.runId ?? ''}`;
}
