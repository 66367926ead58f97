// Live events: appended by writes, read since an id, listened to.
import type { LiveEvent } from '@stillwatt/contracts';
import type { Connection } from '../connection.ts';
import { json, nothing, type Sql, sql } from '../sql.ts';
import type { Live, ProjectEvent } from '../types.ts';

const columns = sql`id::text, type, run_id AS "runId", sweep_id AS "sweepId", stage`;

export function createLive({ sql: db }: Connection, listen: Live['listen']): Live {
  return {
    async append(events) {
      await db.run(sql`
        INSERT INTO live_event (project_id, type, run_id, sweep_id, stage)
        SELECT "projectId", type, "runId", "sweepId", stage
          FROM jsonb_to_recordset(${json(events)}::jsonb) AS event(
            "projectId" text, type text, "runId" text, "sweepId" text, stage text)`);
    },

    listSince: ({ projectId, sinceId, runId, limit }) =>
      db.many<LiveEvent>(sql`
        SELECT ${columns} FROM live_event
         WHERE project_id = ${projectId} AND live_event.id > ${sinceId}::bigint
           ${runId === undefined ? nothing : sql`AND run_id = ${runId}`}
         ORDER BY live_event.id LIMIT ${limit}`),

    async keepsAfter(sinceId) {
      const row = await db.one<{ kept: boolean }>(sql`
        SELECT ${sinceId}::bigint + 1 >= coalesce(
          (SELECT min(id) FROM live_event),
          pg_sequence_last_value(pg_get_serial_sequence('live_event', 'id')::regclass) + 1,
          0) AS kept`);
      return row?.kept ?? true;
    },

    async lastId(projectId) {
      const row = await db.one<{ id: string }>(sql`
        SELECT coalesce(max(id), 0)::text AS id FROM live_event WHERE project_id = ${projectId}`);
      return row?.id ?? '0';
    },

    listen,

    prune: (before) =>
      db.run(sql`DELETE FROM live_event WHERE created_at < ${before}::timestamptz`),
  };
}

/** Events of all projects after an id, oldest first: what a listener missed. */
export function readEventsAfter(db: Sql, id: string, limit: number): Promise<ProjectEvent[]> {
  return db.many<ProjectEvent>(sql`
    SELECT ${columns}, project_id AS "projectId" FROM live_event
     WHERE live_event.id > ${id}::bigint ORDER BY live_event.id LIMIT ${limit}`);
}

/** Newest id of all projects. */
export async function readNewestId(db: Sql): Promise<string> {
  const row = await db.one<{ id: string }>(
    sql`SELECT coalesce(max(id), 0)::text AS id FROM live_event`,
  );
  return row?.id ?? '0';
}
