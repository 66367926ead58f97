// Opens the database and gives its repositories.
import type { PrismaAuthAdapter } from './auth.ts';
import type * as t from './types.ts';

export interface DatabaseOptions {
  /** postgresql://user:password@host:port/name */
  url: string;
  /** Connections of the pool; one more listens for live events. */
  poolSize?: number;
  log?: (line: { level: 'warn' | 'error'; message: string; cause?: unknown }) => void;
}

/** Every method throws StillwattError: STORAGE_UNAVAILABLE (retryable) while the database cannot be reached, INTERNAL for a bug. */
export interface Database {
  runs: t.Runs;
  stages: t.Stages;
  attempts: t.Attempts;
  metrics: t.Metrics;
  logs: t.Logs;
  artifacts: t.Artifacts;
  stageResults: t.StageResults;
  sweeps: t.Sweeps;
  experiments: t.Experiments;
  schedules: t.Schedules;
  comments: t.Comments;
  projects: t.Projects;
  members: t.Members;
  invitations: t.Invitations;
  apiKeys: t.ApiKeys;
  users: t.Users;
  live: t.Live;
  audit: t.Audit;
  /** For better-auth's `database` option; ids come from its `advanced.database.generateId`. */
  authAdapter(): PrismaAuthAdapter;
  /** Resolves if the database answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export function createDatabase(_options: DatabaseOptions): Database {
  throw new Error('being written');
}
