// What the server is made of: built once per process when the first request comes, or by a test for itself.
import { type ArtifactStore, openFileStore } from '@stillwatt/artifacts';
import { createDatabase, type Database } from '@stillwatt/db';
import { Client, Connection } from '@temporalio/client';
import { type Logger, pino } from 'pino';
import { type Auth, createAuth } from './auth.ts';
import { type Env, readEnv } from './env.ts';
import { createLimiter, type Limiter } from './limiter.ts';
import { createPresence, type Presence } from './live/presence.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createSchedules, type Schedules } from './temporal/schedules.ts';
import { createWorkflows, type Workflows } from './temporal/workflows.ts';

export interface Services {
  env: Env;
  log: Logger;
  db: Database;
  /** Opened by the first who needs it. */
  artifacts(): Promise<ArtifactStore>;
  temporal: Workflows & { schedules: Schedules; ping(): Promise<void> };
  auth: Auth;
  limiter: Limiter;
  presence: Presence;
  metrics: Metrics;
  close(): Promise<void>;
}

/** Connects lazily: what cannot be reached fails the calls that need it, and /readyz says which it is. */
export function createServices(env: Env): Services {
  const log = pino({ name: 'portal', level: env.logLevel });
  const db = createDatabase({
    url: env.databaseUrl,
    log: ({ level, message, cause }) => log[level]({ cause }, message),
  });
  const connection = Connection.lazy({ address: env.temporalAddress });
  const client = new Client({ connection });
  let store: Promise<ArtifactStore> | undefined;
  return {
    env,
    log,
    db,
    artifacts() {
      store ??= openFileStore({ folder: env.artifacts }).catch((error: unknown) => {
        // The next one tries again: a folder that is away may come back.
        store = undefined;
        throw error;
      });
      return store;
    },
    temporal: {
      ...createWorkflows(client),
      schedules: createSchedules(client),
      async ping() {
        await client.withDeadline(Date.now() + 2000, () => connection.healthService.check({}));
      },
    },
    auth: createAuth(env, db, log),
    limiter: createLimiter(),
    presence: createPresence(),
    metrics: createMetrics(),
    async close() {
      await connection.close();
      await db.close();
    },
  };
}

/** Next.js bundles each route by itself: what they share cannot stand in a module. */
const key = Symbol.for('stillwatt.portal.services');

/** The services of this process. @throws StillwattError PREREQUISITE_MISSING if the settings are not complete. */
export function getServices(): Services {
  const shared = globalThis as { [key]?: Services };
  return (shared[key] ??= createServices(readEnv()));
}
