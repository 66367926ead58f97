// Live events of a project: what was missed since an id, then what comes, with who else is looking.
import type { LiveEvent } from '@stillwatt/contracts';
import type { Services } from '../services.ts';
import type { Person } from './presence.ts';
import { createQueue } from './queue.ts';

export interface FeedRequest {
  projectId: string;
  runId?: string | undefined;
  /** Resume after this event; without it, from now on. */
  lastEventId?: string | null | undefined;
  /** Shown to the others on the run's page; null for a key. */
  person: Person | null;
}

const pageSize = 500;

/**
 * Resolves when nothing that happens from now on is missed; the events end when `signal` aborts.
 * Ids grow; a presence event or gap carries the id of the event before it.
 */
export async function openFeed(
  { db, presence, metrics }: Pick<Services, 'db' | 'presence' | 'metrics'>,
  { projectId, runId, lastEventId, person }: FeedRequest,
  signal: AbortSignal,
): Promise<AsyncGenerator<LiveEvent, void, void>> {
  const queue = createQueue<LiveEvent | 'presence'>(signal);
  const closing: (() => void)[] = [];
  const close = () => {
    for (const done of closing.splice(0).reverse()) done();
  };
  metrics.countSubscribers(1);
  closing.push(() => metrics.countSubscribers(-1), queue.close);
  // Also for a reader that leaves before it takes the first event.
  queue.ended.addEventListener('abort', close);

  const since = await listenSince().catch((error: unknown) => {
    close();
    throw error;
  });
  if (runId !== undefined && !queue.ended.aborted) {
    closing.push(presence.watch(runId, () => queue.push('presence')));
    if (person) closing.push(presence.enter(runId, person));
    else queue.push('presence');
  }

  /** Listening before reading, so that nothing falls between the two. */
  async function listenSince(): Promise<string> {
    await db.live.listen(({ projectId: where, ...event }) => {
      if (where === projectId && (runId === undefined || event.runId === runId)) queue.push(event);
    }, queue.ended);
    return lastEventId ?? db.live.lastId(projectId);
  }

  async function* events(): AsyncGenerator<LiveEvent, void, void> {
    let last = since;
    try {
      for (let full = true; full && !queue.ended.aborted;) {
        const query = { projectId, runId, sinceId: last, limit: pageSize };
        const missed = await db.live.listSince(query);
        full = missed.length === pageSize;
        // Asked after reading: what is kept now was there to be read.
        if (lastEventId && last === since && !(await db.live.keepsAfter(since))) yield gap(since);
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

function presenceEvent(id: string, runId: string, people: Person[]): LiveEvent {
  return { id, type: 'presence', runId, sweepId: null, stage: null, people };
}

function gap(id: string): LiveEvent {
  return { id, type: 'gap', runId: null, sweepId: null, stage: null };
}
