// Stages as rows: which columns lists and pages read, and how they become views.
import type {
  AttemptView,
  ModelRole,
  StageKind,
  StageState,
  StageSummary,
  StageView,
} from '@stillwatt/contracts';
import { sql, type Fragment, type Sql } from '../sql.ts';

/**
 * While another run's stage computes it (`o`), its live state and progress show through.
 * Tables: stage s LEFT JOIN stage o.
 */
export const liveColumns = sql`
  CASE WHEN s.state < 'running' AND o.state >= 'running' THEN 'running' ELSE s.state END AS state,
  CASE WHEN o.path IS NULL THEN s.phase ELSE o.phase END AS phase,
  CASE WHEN o.path IS NULL THEN s.done ELSE o.done END AS done,
  CASE WHEN o.path IS NULL THEN s.total ELSE o.total END AS total,
  CASE WHEN o.path IS NULL THEN s.unit ELSE o.unit END AS unit,
  CASE WHEN o.path IS NULL THEN s.rate_per_second ELSE o.rate_per_second END AS "ratePerSecond",
  CASE WHEN o.path IS NULL THEN s.eta_seconds ELSE o.eta_seconds END AS "etaSeconds"`;

export const stageTables = sql`
  stage s LEFT JOIN stage o ON o.path = s.owner_path AND s.state < 'succeeded'`;

/** A stage as far as the runs table needs it. */
export interface StageFigures {
  runId: string;
  name: string;
  kind: StageKind;
  model: ModelRole | null;
  state: StageState;
  ownerPath: string | null;
  done: number | null;
  total: number | null;
  etaSeconds: number | null;
  outputDigest: string | null;
  summary: StageSummary | null;
  peakRssBytes: number | null;
}

/** The stages of many runs in one query, in the order of their plans. */
export async function readFigures(
  db: Sql,
  runIds: readonly string[],
): Promise<Map<string, StageFigures[]>> {
  const rows = await db.many<StageFigures>(sql`
    SELECT s.run_id AS "runId", s.name, s.kind, s.model, s.owner_path AS "ownerPath",
           s.output_digest AS "outputDigest", s.summary, s.peak_rss_bytes AS "peakRssBytes",
           ${liveColumns}
      FROM ${stageTables}
     WHERE s.run_id = ANY(${runIds}) ORDER BY s.run_id, s.ordinal`);
  return groupBy(rows, (row) => row.runId);
}

type AttemptRow = AttemptView & { stagePath: string };
type StageRow = Omit<StageView, 'attempts'> & { runId: string; attemptsOf: string };

/** Whole stages with their attempts: two queries. Attempts are those of the stage that computed it. */
export async function readStages(
  db: Sql,
  condition: Fragment,
): Promise<(StageView & { runId: string })[]> {
  const stages = await db.many<StageRow>(sql`
    SELECT s.run_id AS "runId", s.path, s.name, s.kind, s.model, s.key,
           s.owner_path AS "ownerPath", coalesce(s.owner_path, s.path) AS "attemptsOf",
           coalesce(s.started_at, o.started_at) AS "startedAt", s.finished_at AS "finishedAt",
           CASE WHEN s.output_digest IS NOT NULL THEN jsonb_build_object('digest', s.output_digest,
             'kind', s.output_kind, 'sizeBytes', s.output_size_bytes) END AS output,
           s.summary, s.provenance, s.error, ${liveColumns}
      FROM ${stageTables} WHERE ${condition} ORDER BY s.run_id, s.ordinal`);
  const paths = stages.map((stage) => stage.attemptsOf);
  const attempts = await readAttempts(db, paths);
  return stages.map(({ attemptsOf, ...stage }) => ({
    ...stage,
    attempts: (attempts.get(attemptsOf) ?? []).map(({ stagePath: _, ...attempt }) => attempt),
  }));
}

/** Attempts by stage path, oldest first. */
export async function readAttempts(
  db: Sql,
  stagePaths: readonly string[],
): Promise<Map<string, AttemptRow[]>> {
  const rows = await db.many<AttemptRow>(sql`
    SELECT stage_path AS "stagePath", number, state, started_at AS "startedAt",
           finished_at AS "finishedAt", resumed_from AS "resumedFrom", error,
           wall_seconds AS "wallSeconds", cpu_seconds AS "cpuSeconds",
           peak_rss_bytes AS "peakRssBytes"
      FROM attempt WHERE stage_path = ANY(${stagePaths}) ORDER BY stage_path, number`);
  return groupBy(rows, (row) => row.stagePath);
}

/** Mean wall seconds of the last finished stages of a project, by kind. */
export async function readTypicalSeconds(
  db: Sql,
  projectId: string,
): Promise<Record<string, number>> {
  const rows = await db.many<{ kind: string; seconds: number }>(sql`
    SELECT kinds.kind, avg(recent.wall_seconds) AS seconds
      FROM unnest(enum_range(NULL::stage_kind)) AS kinds(kind),
           LATERAL (SELECT wall_seconds FROM stage
                     WHERE project_id = ${projectId} AND kind = kinds.kind AND state = 'succeeded'
                       AND wall_seconds IS NOT NULL
                     ORDER BY finished_at DESC LIMIT 20) AS recent
     GROUP BY kinds.kind`);
  return Object.fromEntries(rows.map(({ kind, seconds }) => [kind, seconds]));
}

function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}
