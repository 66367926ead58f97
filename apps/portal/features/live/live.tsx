'use client';
// One live connection per page: events of the project, or of one run, renew what they make stale.
import type { LiveEvent } from '@stillwatt/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useSubscription } from '@trpc/tanstack-react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { useTRPC } from '../../server/client.tsx';
import { type Connection, connectionOf, staleAfter } from './prepare.ts';
import { createRenewal } from './renewal.ts';

/** A refused connection is tried again; one that only broke, the browser brings back itself. */
const retryMs = 10_000;

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
  const renewal = useMemo(() => createRenewal(queries), [queries]);

  const subscription = useSubscription(
    trpc.live.subscribe.subscriptionOptions(
      { projectId, ...(runId === null ? {} : { runId }) },
      {
        // Pages asked before the connection stood: what happened in between came by no event.
        onStarted: () => renewal.all(),
        onData: ({ data }) => {
          if (data.type === 'gap') renewal.all();
          for (const stale of staleAfter(data)) renewal.one(stale);
          if (data.type === 'presence') setHere({ runId: data.runId, people: data.people ?? [] });
        },
      },
    ),
  );
  const people = here.runId === runId ? here.people : nobody.people;
  const { status, error, reset } = subscription;
  useEffect(() => {
    if (status !== 'error') return;
    const timer = setTimeout(reset, retryMs);
    return () => clearTimeout(timer);
  }, [status, reset]);
  const connection = connectionOf(status, error !== null);
  const live = useMemo(() => ({ connection, people, watchRun }), [connection, people]);
  return <LiveContext value={live}>{children}</LiveContext>;
}
