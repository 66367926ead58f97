// Stages: how far they are, and what came out.
import { isFinal } from '@stillwatt/contracts';
import type { Connection } from '../connection.ts';
import { json, nothing, sql } from '../sql.ts';
import type { StageChange, StageProgress, Stages } from '../types.ts';
import { stageEvents } from './events.ts';
import { readStages, readTypicalSeconds } from './stage-rows.ts';

export function createStages({ sql: db }: Connection): Stages {
  return {
    async setState(path, change) {
      const { state, key, ownerPath, error } = change;
      const changed = await db.run(sql`
        WITH changed AS (
          UPDATE stage SET state = ${state}::stage_state,
            key = coalesce(${key}, key),
            owner_path = ${ownerPath === undefined ? sql`owner_path` : ownerPath},
            error = coalesce(${json(error)}::jsonb, error)
            ${times(change)} ${outcome(change)}
          WHERE path = ${path} AND state < ${isFinal(state) ? 'succeeded' : state}::stage_state
          RETURNING 1
        ) ${stageEvents('stage', path, sql`SELECT FROM changed`)}`);
      return changed > 0;
    },

    async setProgress(path, progress) {
      const changed = await db.run(sql`
        WITH changed AS (
          UPDATE stage SET path = path ${progressColumns(progress)}
          WHERE path = ${path} AND (state < 'succeeded' OR (state = 'cancelled' AND EXISTS (
            SELECT FROM stage w WHERE w.owner_path = ${path} AND w.state < 'succeeded')))
          RETURNING 1
        ) ${stageEvents('progress', path, sql`SELECT FROM changed`)}`);
      return changed > 0;
    },

    async get(path) {
      const [found] = await readStages(db, sql`s.path = ${path}`);
      if (!found) return null;
      const { runId: _, ...stage } = found;
      return stage;
    },

    typicalSeconds: (projectId) => readTypicalSeconds(db, projectId),
  };
}

/** A stage that never ran (cancelled while it waited) has no start. */
function times({ state, at }: StageChange) {
  const time = sql`${at ?? new Date().toISOString()}::timestamptz`;
  const starts = state === 'running' || state === 'succeeded' || state === 'cached';
  return sql`
    ${starts ? sql`, started_at = coalesce(started_at, ${time})` : nothing}
    ${isFinal(state) ? sql`, finished_at = ${time}, eta_seconds = NULL` : nothing}`;
}

function outcome({ result }: StageChange) {
  if (!result) return nothing;
  const { output, summary, provenance } = result;
  return sql`,
    output_digest = ${output.digest}, output_kind = ${output.kind},
    output_size_bytes = ${output.sizeBytes}, summary = ${json(summary)}::jsonb,
    provenance = ${json(provenance)}::jsonb, wall_seconds = ${result.wallSeconds},
    cpu_seconds = ${result.cpuSeconds}, peak_rss_bytes = ${result.peakRssBytes}`;
}

function progressColumns(progress: StageProgress) {
  const { phase, done, total, unit, ratePerSecond, etaSeconds } = progress;
  return sql`
    ${phase === undefined ? nothing : sql`, phase = ${phase}`}
    ${done === undefined ? nothing : sql`, done = ${done}`}
    ${total === undefined ? nothing : sql`, total = ${total}`}
    ${unit === undefined ? nothing : sql`, unit = ${unit}`}
    ${ratePerSecond === undefined ? nothing : sql`, rate_per_second = ${ratePerSecond}`}
    ${etaSeconds === undefined ? nothing : sql`, eta_seconds = ${etaSeconds}`}`;
}
