// How the live connection is, and which answers of the API its events make stale.
import type { LiveEvent } from '@stillwatt/contracts';

export type Connection = 'connecting' | 'live' | 'lost';

/** @param failed it was refused or cut off: what then is `connecting` tries again after that */
export function connectionOf(
  status: 'idle' | 'connecting' | 'pending' | 'error',
  failed: boolean,
): Connection {
  if (status === 'pending') return 'live';
  return failed || status === 'error' ? 'lost' : 'connecting';
}

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
    // A gap makes everything stale, which no list of paths says.
    case 'gap':
    case 'presence':
      return [];
  }
}

/** One string per thing to fetch, under which fetches are spaced. */
export function staleKey(stale: Stale): string {
  return `${stale.path.join('.')}:${stale.runId ?? ''}`;
}
