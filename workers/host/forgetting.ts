// What nobody asks for any more is forgotten, or it would grow without end.
import type { Database } from '@stillwatt/db';
import type { LocalProcessExecutor } from '@stillwatt/executors';
import type { Chore } from './chores.ts';

const hourMs = 3600 * 1000;
const dayMs = 24 * hourMs;

/** News for pages that look on; one that was away for longer loads anew. A stage makes some hundred thousand a day. */
export function forgetOldEvents(db: Pick<Database, 'live'>): Chore {
  return {
    name: 'forget old live events',
    everyMs: hourMs,
    work: () => db.live.prune(new Date(Date.now() - dayMs).toISOString()),
  };
}

/** Events of ended attempts are in the database; what they printed beside them is kept for those who look for a fault. */
export function forgetOldAttempts(executor: Pick<LocalProcessExecutor, 'forgetOlderThan'>): Chore {
  return {
    name: 'forget old attempts',
    everyMs: dayMs,
    work: async () => executor.forgetOlderThan(30 * dayMs),
  };
}

/** better-auth removes a session that is over only when its cookie comes once more. */
export function forgetExpiredSessions(db: Pick<Database, 'users'>): Chore {
  return {
    name: 'forget expired sessions',
    everyMs: dayMs,
    work: () => db.users.forgetExpired(),
  };
}
