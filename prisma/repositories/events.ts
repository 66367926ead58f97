// Live events that a write appends in its own statement.
import type { LiveEvent } from '@stillwatt/contracts';
import { type Fragment, sql } from '../sql.ts';

type Type = LiveEvent['type'];

/** `source`: rows with project_id, run_id and sweep_id. Always the last part of a statement: it takes the lock of the events. */
export function runEvents(type: Type, source: Fragment): Fragment {
  return sql`INSERT INTO live_event (project_id, run_id, sweep_id, type)
    SELECT project_id, run_id, sweep_id, ${type} FROM (${source}) AS source`;
}

/** One event for the stage and one for every stage that waits for it, if `happened` has a row. */
export function stageEvents(type: Type, path: string, happened: Fragment): Fragment {
  return sql`INSERT INTO live_event (project_id, run_id, sweep_id, stage, type)
    SELECT s.project_id, s.run_id, r.sweep_id, s.name, ${type}
      FROM (SELECT * FROM stage WHERE path = ${path}
            UNION ALL
            SELECT * FROM stage WHERE owner_path = ${path} AND state < 'succeeded') AS s
      JOIN run r ON r.id = s.run_id
     WHERE EXISTS (${happened})`;
}
