// Sweeps with the counts of their runs.
import { type Experiment, isFinal, runStates, type SweepRow } from '@stillwatt/contracts';
import type { Connection } from '../connection.ts';
import { readCursor, toPage, writeCursor } from '../cursor.ts';
import { json, nothing, sql } from '../sql.ts';
import type { Sweeps, Unfinished } from '../types.ts';
import { auditOf } from './audit.ts';
import { runEvents } from './events.ts';
import { later, madeBy, readRunsOfSweep } from './runs.ts';

const list = 's';
/** Runs on a sweep's page; more are in the runs table, filtered by the sweep. */
const maxRuns = 5000;

type Bare = Omit<SweepRow, 'counts'> & { counts: Partial<SweepRow['counts']> | null };

const columns = sql`
  s.id, s.project_id AS "projectId", s.experiment, s.state, s.created_at AS "createdAt",
  s.finished_at AS "finishedAt", s.planned, s.error,
  ${madeBy(sql`s.schedule_id`)} AS schedule,
  CASE WHEN u.id IS NOT NULL
    THEN jsonb_build_object('id', u.id, 'name', u.name, 'email', u.email) END AS "requestedBy",
  (SELECT jsonb_object_agg(c.state, c.n) FROM (
     SELECT state, count(*) AS n FROM run WHERE sweep_id = s.id GROUP BY state) AS c) AS counts`;
const tables = sql`sweep s LEFT JOIN app_user u ON u.id = s.requested_by
  LEFT JOIN schedule f ON f.id = s.schedule_id`;

export function createSweeps({ sql: db }: Connection): Sweeps {
  return {
    async insert(input, { planned }) {
      const inserted = await db.run(sql`
        WITH new_sweep AS (
          INSERT INTO sweep (id, project_id, experiment, spec, planned, schedule_id, requested_by)
          VALUES (${input.sweepId}, ${input.projectId}, ${input.spec.experiment},
                  ${json(input.spec)}::json, ${planned}, ${input.scheduleId ?? null}, ${input.requestedBy})
          ON CONFLICT (id) DO NOTHING RETURNING project_id, NULL AS run_id, id AS sweep_id
        ), noted AS (
          ${auditOf({ userId: input.requestedBy, action: 'sweeps.start', subject: input.sweepId }, sql`SELECT * FROM new_sweep`)}
        ) ${runEvents('sweep', sql`SELECT * FROM new_sweep`)}`);
      return inserted > 0;
    },

    async setState(sweepId, { state, at, error }) {
      const ends = isFinal(state);
      const changed = await db.run(sql`
        WITH changed AS (
          UPDATE sweep SET state = ${state}::sweep_state,
            error = coalesce(${json(error)}::jsonb, error)
            ${ends ? sql`, finished_at = ${at ?? new Date().toISOString()}` : nothing}
          WHERE id = ${sweepId} AND state IN ('running', 'paused') AND state <> ${state}::sweep_state
          RETURNING project_id, NULL AS run_id, id AS sweep_id
        ) ${runEvents('sweep', sql`SELECT * FROM changed`)}`);
      return changed > 0;
    },

    async list({ projectId, limit, cursor }) {
      const rows = await db.many<Bare>(sql`
        SELECT ${columns} FROM ${tables} WHERE s.project_id = ${projectId}
          ${cursor ? sql`AND (s.created_at, s.id) < (${after(cursor)})` : nothing}
         ORDER BY s.created_at DESC, s.id DESC LIMIT ${limit + 1}`);
      return toPage(rows, limit, toRow, (row) => writeCursor(list, [row.createdAt, row.id]));
    },

    async get(sweepId) {
      const bare = await db.one<Bare & { spec: Experiment }>(
        sql`SELECT ${columns}, s.spec FROM ${tables} WHERE s.id = ${sweepId}`,
      );
      if (!bare) return null;
      const runs = await readRunsOfSweep(db, bare.projectId, sweepId, maxRuns);
      return { ...toRow(bare), spec: bare.spec, runs };
    },

    unfinished: (limit, after) =>
      db.many<Unfinished>(sql`
        SELECT id, project_id AS "projectId", created_at AS "createdAt" FROM sweep
         WHERE state IN ('running', 'paused') ${later(after)}
         ORDER BY created_at, id LIMIT ${limit}`),
  };
}

function toRow<T extends Bare>(row: T): T & SweepRow {
  const zeros = Object.fromEntries(runStates.map((state) => [state, 0]));
  return { ...row, counts: { ...zeros, ...row.counts } as SweepRow['counts'] };
}

function after(cursor: string) {
  const [at, id] = readCursor(list, 2, cursor);
  return sql`${at}::timestamptz, ${id}::text`;
}
