// The one connection of the process that listens for live events, brought back when it is lost.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { StillwattError } from '@stillwatt/contracts';
import pg from 'pg';
import { readEventsAfter, readNewestId } from './repositories/live.ts';
import type { Sql } from './sql.ts';
import type { ProjectEvent } from './types.ts';

/** Also named in the migration's trigger. */
const channel = 'stillwatt_live';
const firstRetryMs = 100;
const longestRetryMs = 5000;
/** A connection that answers nothing for so long is taken for dead: packets to a vanished host get no error. */
const checkEveryMs = 15_000;
const answerWithinMs = 10_000;
const replayPage = 1000;

type OnEvent = (event: ProjectEvent) => void;

export interface Listener {
  listen(onEvent: OnEvent, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface ListenerOptions {
  url: string;
  db: Sql;
  warn: (message: string, cause: unknown) => void;
}

/** Connects with the first listener, disconnects with the last. */
export function createListener(options: ListenerOptions): Listener {
  const listeners = new Set<OnEvent>();
  let session: { ready: Promise<void>; stop: () => Promise<void> } | null = null;

  function deliver(event: ProjectEvent): void {
    for (const onEvent of listeners) {
      try {
        onEvent(event);
      } catch (error) {
        options.warn('a live listener threw', error); // the others still get theirs
      }
    }
  }

  async function remove(onEvent: OnEvent): Promise<void> {
    listeners.delete(onEvent);
    if (listeners.size > 0) return;
    const ended = session;
    session = null;
    await ended?.stop();
  }

  return {
    async listen(onEvent, signal) {
      if (signal.aborted) return;
      listeners.add(onEvent);
      const done = () => void remove(onEvent);
      signal.addEventListener('abort', done, { once: true });
      session ??= startSession(options, deliver);
      const current = session;
      try {
        await Promise.race([current.ready, once(signal, 'abort')]);
      } catch (error) {
        signal.removeEventListener('abort', done);
        listeners.delete(onEvent);
        if (session === current) session = null; // the next one tries again
        throw error;
      }
    },
    async close() {
      listeners.clear();
      const ended = session;
      session = null;
      await ended?.stop();
    },
  };
}

/** `ready` rejects if the first connection fails; later ones are tried until `stop`. */
function startSession({ url, db, warn }: ListenerOptions, deliver: OnEvent) {
  const stopping = new AbortController();
  let last: number | null = null;

  /** Events come twice around a reconnection, never out of order. */
  function pass(event: ProjectEvent): void {
    if (last !== null && Number(event.id) <= last) return;
    last = Number(event.id);
    deliver(event);
  }

  async function open(): Promise<pg.Client> {
    const client = new pg.Client({
      ...{ connectionString: url, application_name: 'stillwatt-live', keepAlive: true },
      connectionTimeoutMillis: answerWithinMs,
      query_timeout: answerWithinMs,
    });
    const early: ProjectEvent[] = [];
    let take = (event: ProjectEvent): unknown => early.push(event);
    client.on('error', () => {}); // `end` follows
    client.on('notification', ({ payload }) => take(JSON.parse(payload ?? '') as ProjectEvent));
    try {
      await client.connect();
      await client.query(`LISTEN ${channel}`);
      // after LISTEN nothing is lost, so what came before it is read now
      if (last === null) last = Number(await readNewestId(db));
      else await replay(db, String(last), pass);
    } catch (error) {
      void client.end().catch(() => {}); // or every try would leave a connection behind
      throw error;
    }
    take = pass;
    early.forEach(pass);
    return client;
  }

  async function follow(first: pg.Client): Promise<void> {
    let client = first;
    let retryMs = firstRetryMs;
    while (!stopping.signal.aborted) {
      await untilLost(client, stopping.signal);
      void client.end().catch(() => {});
      while (!stopping.signal.aborted) {
        try {
          client = await open();
          retryMs = firstRetryMs;
          break;
        } catch (error) {
          warn('live events: the database cannot be reached, trying again', error);
          await delay(retryMs, undefined, { signal: stopping.signal }).catch(() => {});
          retryMs = Math.min(retryMs * 2, longestRetryMs);
        }
      }
    }
    await client.end().catch(() => {});
  }

  const opened = open();
  const following = opened.then(follow, () => {});
  return {
    ready: opened.then(
      () => {},
      (error: unknown) => {
        throw new StillwattError('STORAGE_UNAVAILABLE', 'live events: no connection', {
          fix: 'check that PostgreSQL runs',
          retryable: true,
          cause: error,
        });
      },
    ),
    async stop() {
      stopping.abort();
      await following;
    },
  };
}

async function replay(db: Sql, since: string, pass: OnEvent): Promise<void> {
  let from = since;
  for (;;) {
    const page = await readEventsAfter(db, from, replayPage);
    page.forEach(pass);
    const newest = page.at(-1);
    if (!newest || page.length < replayPage) return;
    from = newest.id;
  }
}

/** Resolves when the connection has ended, does not answer, or is to be stopped. */
async function untilLost(client: pg.Client, stop: AbortSignal): Promise<void> {
  const check = setInterval(() => {
    client.query('SELECT 1').catch(() => client.end());
  }, checkEveryMs);
  const waiting = new AbortController();
  const signal = AbortSignal.any([stop, waiting.signal]);
  await once(client, 'end', { signal }).catch(() => {});
  clearInterval(check);
}
