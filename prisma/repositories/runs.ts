// Runs: the rows of the table and the pages of single runs.
import {
  isFinal,
  type RunDetail,
  type RunInput,
  type RunRow,
  type RunSpec,
  stagePath,
} from '@stillwatt/contracts';
import type { Connection } from '../connection.ts';
import { readCursor, toPage, writeCursor } from '../cursor.ts';
import { cleanText, type Fragment, joined, json, nothing, type Sql, sql } from '../sql.ts';
import type { RunQuery, Runs, Unfinished, UnfinishedRun } from '../types.ts';
import { auditOf } from './audit.ts';
import { runEvents } from './events.ts';
import { modelRows, runProgress } from './run-figures.ts';
import { readFigures, readStages, readTypicalSeconds } from './stage-rows.ts';

/** Column of each order and its type; ties go by time and id. */
const sortColumns = {
  created: null,
  experiment: sql`r.experiment`,
  state: sql`r.state`,
  duration: sql`r.duration_seconds`,
} as const satisfies Record<RunQuery['sort'], Fragment | null>;

type BareRun = Omit<RunRow, 'models' | 'progress' | 'etaSeconds'> & {
  durationSeconds: number;
  spec?: RunSpec;
};

const columns = sql`
  r.id, r.project_id AS "projectId", r.sweep_id AS "sweepId", r.experiment, r.cell, r.seed, r.state,
  r.task, r.attention, r.created_at AS "createdAt", r.started_at AS "startedAt",
  r.finished_at AS "finishedAt", r.error, r.duration_seconds AS "durationSeconds",
  ${madeBy(sql`r.schedule_id`)} AS schedule,
  CASE WHEN u.id IS NOT NULL
    THEN jsonb_build_object('id', u.id, 'name', u.name, 'email', u.email) END AS "requestedBy"`;
const tables = sql`run r LEFT JOIN app_user u ON u.id = r.requested_by
  LEFT JOIN schedule f ON f.id = r.schedule_id`;

export function createRuns({ sql: db }: Connection): Runs {
  return {
    async insert(input, stages) {
      const { runId, projectId, sweepId, spec } = input;
      const rows = stages.map(({ name, kind, model }, ordinal) => ({
        ...{ path: stagePath(runId, sweepId, name), ordinal, name, kind, model },
      }));
      const inserted = await db.run(sql`
        WITH new_run AS (
          INSERT INTO run (id, project_id, sweep_id, experiment, cell, seed, spec, task, attention,
                           requested_by, schedule_id, search_text)
          VALUES (${runId}, ${projectId}, ${sweepId}, ${spec.experiment}, ${json(input.cell)}::jsonb,
                  ${spec.seed}, ${json(spec)}::json, ${spec.data.task}, ${spec.student.attention},
                  ${input.requestedBy}, ${input.scheduleId ?? null}, ${searchText(input)})
          ON CONFLICT (id) DO NOTHING
          RETURNING project_id, id AS run_id, sweep_id
        ), new_stages AS (
          INSERT INTO stage (path, run_id, project_id, ordinal, name, kind, model)
          SELECT s.path, new_run.run_id, new_run.project_id, s.ordinal, s.name, s.kind, s.model
            FROM new_run, jsonb_to_recordset(${json(rows)}::jsonb) AS s(
              path text, ordinal int, name text, kind stage_kind, model model_role)
        ), noted AS (
          ${auditOf({ userId: input.requestedBy, action: 'runs.start', subject: runId }, sql`SELECT * FROM new_run`)}
        ) ${runEvents('run', sql`SELECT * FROM new_run`)}`);
      return inserted > 0;
    },

    async setState(runId, { state, at, error }) {
      const time = sql`${at ?? new Date().toISOString()}::timestamptz`;
      const ends = isFinal(state);
      const changed = await db.run(sql`
        WITH changed AS (
          UPDATE run SET state = ${state}::run_state,
            started_at = coalesce(started_at, ${state === 'running' ? time : nothingYet}),
            finished_at = ${ends ? time : nothingYet},
            duration_seconds = ${ends ? sql`coalesce(extract(epoch FROM ${time} - started_at), -1)` : sql`-1`},
            error = coalesce(${json(error)}::jsonb, error)
          WHERE id = ${runId} AND state < ${ends ? 'succeeded' : state}::run_state
          RETURNING project_id, id AS run_id, sweep_id
        ) ${runEvents('run', sql`SELECT * FROM changed`)}`);
      return changed > 0;
    },

    async list(query) {
      const { projectId, limit, sort, order, cursor } = query;
      const column = sortColumns[sort];
      const key = joined([...(column ? [column] : []), sql`r.created_at`, sql`r.id`], ', ');
      const list = `r${sort[0]}${order[0]}`;
      const bare = await db.many<BareRun>(sql`
        SELECT ${columns} FROM ${tables}
         WHERE r.project_id = ${projectId}
           ${query.state ? sql`AND r.state = ${query.state}::run_state` : nothing}
           ${query.sweepId ? sql`AND r.sweep_id = ${query.sweepId}` : nothing}
           ${query.search ? sql`AND ${matches(query.search)}` : nothing}
           ${cursor ? sql`AND (${key}) ${comparison[order]} ${startKey(sort, list, cursor)}` : nothing}
         ORDER BY ${joined(
           [...(column ? [column] : []), sql`r.created_at`, sql`r.id`].map((part) =>
             order === 'asc' ? sql`${part} ASC` : sql`${part} DESC`,
           ),
           ', ',
         )}
         LIMIT ${limit + 1}`);
      const page = toPage(
        bare,
        limit,
        (run) => run,
        (run) => writeCursor(list, [...sortValue(sort, run), run.createdAt, run.id]),
      );
      return { ...page, items: await withFigures(db, projectId, page.items) };
    },

    async get(runId) {
      const [detail] = await readDetails(db, sql`r.id = ${runId}`);
      return detail ?? null;
    },

    async many(projectId, runIds) {
      const condition = sql`r.project_id = ${projectId} AND r.id = ANY(${runIds})`;
      const details = await readDetails(db, condition);
      const byId = new Map(details.map((detail) => [detail.id, detail]));
      return runIds.flatMap((id) => byId.get(id) ?? []);
    },

    unfinished: (limit, after) =>
      db.many<UnfinishedRun>(sql`
        SELECT id, project_id AS "projectId", sweep_id AS "sweepId", created_at AS "createdAt"
          FROM run WHERE state IN ('queued', 'running') ${later(after)}
         ORDER BY created_at, id LIMIT ${limit}`),
  };
}

/** The schedule with this id; its name is that of `f`, the joined row, if it is there still. */
export function madeBy(id: Fragment): Fragment {
  return sql`CASE WHEN ${id} IS NOT NULL THEN jsonb_build_object('id', ${id}, 'name', f.name) END`;
}

/** Rows that come after one, oldest first. */
export function later(after: Unfinished | undefined): Fragment {
  return after
    ? sql`AND (created_at, id) > (${after.createdAt}::timestamptz, ${after.id}::text)`
    : nothing;
}

const nothingYet = sql`NULL::timestamptz`;
const comparison = { asc: sql`>`, desc: sql`<` };

/** Every run of a sweep, oldest first, at most `limit`. */
export async function readRunsOfSweep(
  db: Sql,
  projectId: string,
  sweepId: string,
  limit: number,
): Promise<RunRow[]> {
  const bare = await db.many<BareRun>(sql`
    SELECT ${columns} FROM ${tables} WHERE r.sweep_id = ${sweepId}
     ORDER BY r.created_at, r.id LIMIT ${limit}`);
  return withFigures(db, projectId, bare);
}

async function withFigures(
  db: Sql,
  projectId: string,
  runs: readonly BareRun[],
): Promise<RunRow[]> {
  const ids = runs.map((run) => run.id);
  const [figures, typical] = await Promise.all([
    readFigures(db, ids),
    runs.some((run) => !isFinal(run.state)) ? readTypicalSeconds(db, projectId) : {},
  ]);
  return runs.map(({ durationSeconds: _, spec: __, ...run }) => {
    const stages = figures.get(run.id) ?? [];
    const { progress, etaSeconds } = runProgress(stages, typical);
    const isOver = isFinal(run.state);
    return { ...run, progress, etaSeconds: isOver ? null : etaSeconds, models: modelRows(stages) };
  });
}

async function readDetails(db: Sql, condition: Fragment): Promise<RunDetail[]> {
  // first, so that the answer includes at least what these events tell of
  const newest = await db.one<{ id: string }>(
    sql`SELECT coalesce(max(id), 0)::text AS id FROM live_event WHERE project_id IN (
          SELECT r.project_id FROM run r WHERE ${condition})`,
  );
  const bare = await db.many<BareRun & { spec: RunSpec }>(
    sql`SELECT ${columns}, r.spec FROM ${tables} WHERE ${condition}`,
  );
  const [first] = bare;
  if (!first) return [];
  const ids = bare.map((run) => run.id);
  const [rows, stages] = await Promise.all([
    withFigures(db, first.projectId, bare),
    readStages(db, sql`s.run_id = ANY(${ids})`),
  ]);
  return rows.map((row, index) => ({
    ...row,
    spec: bare[index]?.spec ?? fail(row.id),
    stages: stages.flatMap(({ runId, ...stage }) => (runId === row.id ? [stage] : [])),
    lastEventId: newest?.id ?? '0',
  }));
}

function sortValue(sort: RunQuery['sort'], run: BareRun): (string | number)[] {
  if (sort === 'experiment') return [run.experiment];
  if (sort === 'state') return [run.state];
  return sort === 'duration' ? [run.durationSeconds] : [];
}

function startKey(sort: RunQuery['sort'], list: string, cursor: string): Fragment {
  const key = readCursor(list, sort === 'created' ? 2 : 3, cursor);
  const [first, created, id] = sort === 'created' ? [null, ...key] : key;
  const types = {
    created: nothing,
    experiment: sql`::text`,
    state: sql`::run_state`,
    duration: sql`::float8`,
  };
  const head = sort === 'created' ? nothing : sql`${first}${types[sort]}, `;
  return sql`(${head}${created}::timestamptz, ${id}::text)`;
}

function searchText({ runId, spec, cell }: RunInput): string {
  const swept = Object.entries(cell).map(([path, value]) => `${path}=${value}`);
  const words = [runId, spec.experiment, spec.data.task, spec.student.attention, ...swept];
  return cleanText(words.join(' ')).toLowerCase();
}

/** The index of trigrams finds three letters and more; fewer are taken for the start of a name. */
function matches(search: string): Fragment {
  const wanted = cleanText(search.trim().toLowerCase());
  const pattern = wanted.replace(/[\\%_]/g, '\\$&'); // letters are meant as they are
  return wanted.length < 3
    ? sql`r.experiment LIKE ${`${pattern}%`}`
    : sql`r.search_text LIKE ${`%${pattern}%`}`;
}

function fail(runId: string): never {
  throw new Error(`run ${runId} lost its spec`);
}
