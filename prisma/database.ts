// Opens the database and gives its repositories.
import { createAuthAdapter, type PrismaAuthAdapter } from './auth.ts';
import { connect, translated } from './connection.ts';
import { createListener } from './listener.ts';
import { createApiKeys } from './repositories/api-keys.ts';
import { createArtifacts } from './repositories/artifacts.ts';
import { createAttempts } from './repositories/attempts.ts';
import { createAudit } from './repositories/audit.ts';
import { createComments } from './repositories/comments.ts';
import { createExperiments } from './repositories/experiments.ts';
import { createInvitations } from './repositories/invitations.ts';
import { createLive } from './repositories/live.ts';
import { createLogs } from './repositories/logs.ts';
import { createMembers } from './repositories/members.ts';
import { createMetrics } from './repositories/metrics.ts';
import { createProjects } from './repositories/projects.ts';
import { createRuns } from './repositories/runs.ts';
import { createSchedules } from './repositories/schedules.ts';
import { createStageResults } from './repositories/stage-results.ts';
import { createStages } from './repositories/stages.ts';
import { createSweeps } from './repositories/sweeps.ts';
import { createUsers } from './repositories/users.ts';
import { sql } from './sql.ts';
import type * as t from './types.ts';

const defaultPoolSize = 10;

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

/** Connects with the first call; nothing is read or written before. */
export function createDatabase(options: DatabaseOptions): Database {
  const log = options.log ?? (() => {});
  const warn = (message: string, cause: unknown) => log({ level: 'warn', message, cause });
  const connection = connect({
    url: options.url,
    poolSize: options.poolSize ?? defaultPoolSize,
    onIdleError: (error) => warn('database: an idle connection was lost', error),
  });
  const listener = createListener({ url: options.url, db: connection.sql, warn });
  const service = translated({
    async ping(): Promise<void> {
      await connection.sql.one(sql`SELECT 1`);
    },
    async close(): Promise<void> {
      await listener.close();
      await connection.close();
    },
  });
  return {
    runs: translated(createRuns(connection)),
    stages: translated(createStages(connection)),
    attempts: translated(createAttempts(connection)),
    metrics: translated(createMetrics(connection)),
    logs: translated(createLogs(connection)),
    artifacts: translated(createArtifacts(connection)),
    stageResults: translated(createStageResults(connection)),
    sweeps: translated(createSweeps(connection)),
    experiments: translated(createExperiments(connection)),
    schedules: translated(createSchedules(connection)),
    comments: translated(createComments(connection)),
    projects: translated(createProjects(connection)),
    members: translated(createMembers(connection)),
    invitations: translated(createInvitations(connection)),
    apiKeys: translated(createApiKeys(connection)),
    users: translated(createUsers(connection)),
    live: translated(createLive(connection, listener.listen)),
    audit: translated(createAudit(connection)),
    authAdapter: () => createAuthAdapter(connection.prisma),
    ping: service.ping,
    close: service.close,
  };
}
