'use client';
// One live connection per page: events of the project, or of one run, renew what they make stale.
import type { LiveEvent } from '@stillwatt/contracts';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useSubscription } from '@trpc/tanstack-react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { useTRPC } from '../../server/client.tsx';
import { type Stale, staleAfter, staleKey } from './prepare.ts';

export type Connection = 'connecting' | 'live' | 'lost';

export type People = NonNullable<LiveEvent['people']>;

interface Live {
  connection: Connection;
  /** Who looks at the watched run now. */
  people: People;
  watchRun: (runId: string | null) => void;
}

const nobody = { runId: null, people: [] as People };
const LiveContext = createContext<Live | null>(null);

function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === null) throw new Error('useLive stands outside the frame');
  return live;
}

/** How the connection is: shown in the top line. */
export function useConnection(): Connection {
  return useLive().connection;
}

/** Narrows the connection to one run while its page is open, which also tells others who is there; null: of none. */
export function useLiveRun(runId: string | null): void {
  const { watchRun } = useLive();
  useEffect(() => {
    watchRun(runId);
    return () => watchRun(null);
  }, [runId, watchRun]);
}

/** Everyone who has the page of the watched run open. */
export function usePeopleHere(): People {
  return useLive().people;
}

export function LiveProvider({ projectId, children }: { projectId: string; children: ReactNode }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [runId, watchRun] = useState<string | null>(null);
  const [here, setHere] = useState<{ runId: string | null; people: People }>(nobody);
  const renew = useMemo(() => spacedRenewal(queries), [queries]);

  const subscription = useSubscription(
    trpc.live.subscribe.subscriptionOptions(
      { projectId, ...(runId === null ? {} : { runId }) },
      {
        onData: ({ data }) => {
          for (const stale of staleAfter(data)) renew(stale);
          if (data.type === 'presence') setHere({ runId: data.runId, people: data.people ?? [] });
        },
      },
    ),
  );
  const people = here.runId === runId ? here.people : nobody.people;
  const connection = connectionOf(subscription.status);
  const live = useMemo(() => ({ connection, people, watchRun }), [connection, people]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

function connectionOf(status: 'idle' | 'connecting' | 'pending' | 'error'): Connection {
  if (status === 'pending') return 'live';
  return status === 'error' ? 'lost' : 'connecting';
}

/** Fetches at once, then no more often than `everyMs`; the last event of a burst is never lost. */
function spacedRenewal(queries: QueryClient): (stale: Stale) => void {
  const nextAt = new Map<string, number>();
  const waiting = new Set<string>();
  return (stale) => {
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
  };
}

function runIdOf(options: unknown): unknown {
  return (options as { input?: { runId?: unknown } } | undefined)?.input?.runId;
}
