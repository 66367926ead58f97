// Schedules as the portal shows them; Temporal is what runs them.
import type { Connection } from '../connection.ts';
import { json, sql } from '../sql.ts';
import type { ScheduleRow, Schedules } from '../types.ts';

const columns = sql`id, project_id AS "projectId", name, cron, time_zone AS "timeZone", overlap,
  paused, spec`;

export function createSchedules({ sql: db }: Connection): Schedules {
  return {
    async insert(schedule) {
      const { id, projectId, name, cron, timeZone, overlap, paused, spec, createdBy } = schedule;
      const inserted = await db.run(sql`
        INSERT INTO schedule (id, project_id, name, cron, time_zone, overlap, paused, spec, created_by)
        VALUES (${id}, ${projectId}, ${name}, ${cron}, ${timeZone}, ${overlap}, ${paused},
                ${json(spec)}::json, ${createdBy})
        ON CONFLICT (id) DO NOTHING`);
      return inserted > 0;
    },

    list: (projectId) =>
      db.many<ScheduleRow>(sql`
        SELECT ${columns} FROM schedule WHERE project_id = ${projectId} ORDER BY created_at, id`),

    get: (id) => db.one<ScheduleRow>(sql`SELECT ${columns} FROM schedule WHERE id = ${id}`),

    setPaused: async (id, paused) =>
      (await db.run(sql`UPDATE schedule SET paused = ${paused} WHERE id = ${id}`)) > 0,

    remove: async (id) => (await db.run(sql`DELETE FROM schedule WHERE id = ${id}`)) > 0,
  };
}
