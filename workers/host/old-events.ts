// Live events are news for pages that look on: what nobody waits for any more is forgotten, or they would grow without end.
import type { Database } from '@stillwatt/db';
import type { Chore } from './chores.ts';

/** A page that was away for longer loads anew. A stage makes some hundred thousand events in this time. */
const keptMs = 24 * 3600 * 1000;

export function forgetOldEvents(db: Pick<Database, 'live'>): Chore {
  return {
    name: 'forget old live events',
    everyMs: 3600 * 1000,
    work: () => db.live.prune(new Date(Date.now() - keptMs).toISOString()),
  };
}
