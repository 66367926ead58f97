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

/** Ends when `signal` aborts. Ids grow; a presence event carries the id of the event before it. */
export async function* followProject(
  { db, presence, metrics }: Pick<Services, 'db' | 'presence' | 'metrics'>,
  { projectId, runId, lastEventId, person }: FeedRequest,
  signal: AbortSignal,
): AsyncGenerator<LiveEvent, void, void> {
  const waiting: (LiveEvent | 'presence')[] = [];
  const closing = new AbortController();
  const ended = AbortSignal.any([signal, closing.signal]);
  let wake = () => {};
  const push = (item: LiveEvent | 'presence') => {
    waiting.push(item);
    wake();
  };
  ended.addEventListener('abort', () => wake());
  metrics.countSubscribers(1);
  const leave: (() => void)[] = [() => metrics.countSubscribers(-1)];

  try {
    // Listening before reading, so that nothing falls between the two.
    await db.live.listen(({ projectId: where, ...event }) => {
      if (where === projectId && (runId === undefined || event.runId === runId)) push(event);
    }, ended);
    let last = lastEventId ?? (await db.live.lastId(projectId));
    if (runId !== undefined) {
      leave.push(presence.watch(runId, () => push('presence')));
      if (person) leave.push(presence.enter(runId, person));
      else push('presence');
    }
    for (;;) {
      const missed = await db.live.listSince({ projectId, runId, sinceId: last, limit: pageSize });
      for (const event of missed) {
        last = event.id;
        yield event;
      }
      if (missed.length < pageSize || ended.aborted) break;
    }
    while (!ended.aborted) {
      const item = waiting.shift();
      if (item === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (waiting.length > 0 || ended.aborted) resolve();
        });
      } else if (item === 'presence') {
        yield presenceEvent(last, runId ?? '', presence.people(runId ?? ''));
      } else if (BigInt(item.id) > BigInt(last)) {
        last = item.id;
        yield item;
      }
      if (waiting.length > maxWaiting) {
        throw new StillwattError('UNAVAILABLE', 'too far behind', { retryable: true });
      }
    }
  } finally {
    closing.abort();
    for (const done of leave.reverse()) done();
  }
}

function presenceEvent(id: string, runId: string, people: Person[]): LiveEvent {
  return { id, type: 'presence', runId, sweepId: null, stage: null, people };
}
