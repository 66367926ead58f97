// Log lines of attempts.
import type { LogLine } from '@stillwatt/contracts';
import type { Connection } from '../connection.ts';
import { readCursor, toPage, writeCursor } from '../cursor.ts';
import { cleanText, nothing, sql } from '../sql.ts';
import type { Logs } from '../types.ts';
import { stageEvents } from './events.ts';

const list = 'l';

export function createLogs({ sql: db }: Connection): Logs {
  return {
    async append(stagePath, attempt, lines) {
      if (lines.length === 0) return 0;
      const row = await db.one<{ written: number }>(sql`
        WITH written AS (
          INSERT INTO log_line (stage_path, attempt, seq, at, level, message)
          SELECT ${stagePath}, ${attempt}::int, line.* FROM unnest(
            ${lines.map(({ seq }) => seq)}::int[],
            ${lines.map(({ atMs }) => new Date(atMs).toISOString())}::timestamptz[],
            ${lines.map(({ level }) => level)}::log_level[],
            ${lines.map(({ message }) => cleanText(message))}::text[]) AS line
          ON CONFLICT (stage_path, attempt, seq) DO NOTHING RETURNING 1
        ), told AS (${stageEvents('logs', stagePath, sql`SELECT FROM written`)})
        SELECT count(*) AS written FROM written`);
      return row?.written ?? 0;
    },

    async ofRun({ runId, stage, limit, cursor }) {
      const rows = await db.many<LogLine & { path: string }>(sql`
        SELECT s.name AS stage, l.stage_path AS path, l.attempt, l.seq, l.at, l.level, l.message
          FROM stage s, LATERAL (
            SELECT * FROM log_line
             WHERE stage_path = coalesce(s.owner_path, s.path)
               ${
                 cursor
                   ? sql`AND at >= ${readCursor(list, 4, cursor)[0]}::timestamptz
                 AND (at, stage_path, attempt, seq) > (${after(cursor)})`
                   : nothing
               }
             ORDER BY at, attempt, seq LIMIT ${limit + 1}) AS l
         WHERE s.run_id = ${runId} ${stage === undefined ? nothing : sql`AND s.name = ${stage}`}
         ORDER BY l.at, l.stage_path, l.attempt, l.seq LIMIT ${limit + 1}`);
      return toPage(
        rows,
        limit,
        ({ path: _, ...line }) => line,
        ({ at, path, attempt, seq }) => writeCursor(list, [at, path, attempt, seq]),
      );
    },
  };
}

function after(cursor: string) {
  const [at, path, attempt, seq] = readCursor(list, 4, cursor);
  return sql`${at}::timestamptz, ${path}::text, ${attempt}::int, ${seq}::int`;
}
