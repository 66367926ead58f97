// Attempts: the processes that ran a stage.
import type { Connection } from '../connection.ts';
import { json, sql } from '../sql.ts';
import type { Attempts } from '../types.ts';
import { stageEvents } from './events.ts';
import { readAttempts } from './stage-rows.ts';

export function createAttempts({ sql: db }: Connection): Attempts {
  return {
    async start({ stagePath, number, resumedFrom, at }) {
      const inserted = await db.run(sql`
        WITH started AS (
          INSERT INTO attempt (stage_path, number, started_at, resumed_from)
          VALUES (${stagePath}, ${number}, ${at ?? new Date().toISOString()}, ${resumedFrom})
          ON CONFLICT (stage_path, number) DO NOTHING RETURNING 1
        ) ${stageEvents('stage', stagePath, sql`SELECT FROM started`)}`);
      return inserted > 0;
    },

    async finish(end) {
      const changed = await db.run(sql`
        WITH ended AS (
          UPDATE attempt SET state = ${end.state}::attempt_state,
            finished_at = ${end.at ?? new Date().toISOString()},
            error = ${json(end.error)}::jsonb, wall_seconds = ${end.wallSeconds},
            cpu_seconds = ${end.cpuSeconds}, peak_rss_bytes = ${end.peakRssBytes}
          WHERE stage_path = ${end.stagePath} AND number = ${end.number} AND state = 'running'
          RETURNING 1
        ) ${stageEvents('stage', end.stagePath, sql`SELECT FROM ended`)}`);
      return changed > 0;
    },

    async list(stagePath) {
      const attempts = await readAttempts(db, [stagePath]);
      return (attempts.get(stagePath) ?? []).map(({ stagePath: _, ...attempt }) => attempt);
    },
  };
}
