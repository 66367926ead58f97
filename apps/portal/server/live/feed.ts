// Live events of a project: what was missed since an id, then what comes, with who else is looking.
import { type LiveEvent, StillwattError } from '@stillwatt/contracts';
import type { Services } from '../services.ts';
import type { Person } from './presence.ts';

export interface FeedRequest {
  projectId: string;
  runId?: string | undefined;
  /** Resume after this event; without it, from now on. */
  lastEventId?: string | null | undefined;
  /** Shown to the others on the run's page; null for a key. */
  person: Person | null;
}

/** A reader this far behind is cut off and resumes from its last id, instead of filling our memory. */
const maxWaiting = 10_000;
const pageSize = 500;

/**
 * Resolves when nothing that happens from now on is missed; the events end when `signal` aborts.
 * Ids grow; a presence event carries the id of the event before it.
 */
export async function openFeed(
  { db, presence, metrics }: Pick<Services, 'db' | 'presence' | 'metrics'>,
  { projectId, runId, lastEventId, person }: FeedRequest,
  signal: AbortSignal,
): Promise<AsyncGenerator<LiveEvent, void, void>> {
  const queue = createQueue(signal);
  const closing: (() => void)[] = [];
  const close = () => {
    for (const done of closing.splice(0).reverse()) done();
  };
  metrics.countSubscribers(1);
  closing.push(() => metrics.countSubscribers(-1), queue.close);
  // Also for a reader that leaves before it takes the first event.
  queue.ended.addEventListener('abort', close);

  // Listening before reading, so that nothing falls between the two.
  await db.live.listen(({ projectId: where, ...event }) => {
    if (where === projectId && (runId === undefined || event.runId === runId)) queue.push(event);
  }, queue.ended);
  const since = lastEventId ?? (await db.live.lastId(projectId));
  if (runId !== undefined && !queue.ended.aborted) {
    closing.push(presence.watch(runId, () => queue.push('presence')));
    if (person) closing.push(presence.enter(runId, person));
    else queue.push('presence');
  }

  async function* events(): AsyncGenerator<LiveEvent, void, void> {
    let last = since;
    try {
      for (let full = true; full && !queue.ended.aborted;) {
        const query = { projectId, runId, sinceId: last, limit: pageSize };
        const missed = await db.live.listSince(query);
        full = missed.length === pageSize;
        for (const event of missed) {
          last = event.id;
          yield event;
        }
      }
      for (;;) {
        const item = await queue.take();
        if (item === null) return;
        if (item === 'presence') {
          yield presenceEvent(last, runId ?? '', presence.people(runId ?? ''));
        } else if (BigInt(item.id) > BigInt(last)) {
          last = item.id;
          yield item;
        }
      }
    } finally {
      close();
    }
  }
  return events();
}

interface Queue {
  push(item: LiveEvent | 'presence'): void;
  /** Waits for the next; null at the end. @throws StillwattError UNAVAILABLE if the reader is too far behind. */
  take(): Promise<LiveEvent | 'presence' | null>;
  /** Aborts when the reader's signal does, and when it is closed. */
  ended: AbortSignal;
  close(): void;
}

function createQueue(signal: AbortSignal): Queue {
  const items: (LiveEvent | 'presence')[] = [];
  const closed = new AbortController();
  const ended = AbortSignal.any([signal, closed.signal]);
  let wake = () => {};
  ended.addEventListener('abort', () => wake());
  return {
    ended,
    close: () => closed.abort(),
    push(item) {
      items.push(item);
      wake();
    },
    async take() {
      for (;;) {
        if (ended.aborted) return null;
        if (items.length > maxWaiting) {
          throw new StillwattError('UNAVAILABLE', 'too far behind', { retryable: true });
        }
        const item = items.shift();
        if (item !== undefined) return item;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

function presenceEvent(id: string, runId: string, people: Person[]): LiveEvent {
  return { id, type: 'presence', runId, sweepId: null, stage: null, people };
}
