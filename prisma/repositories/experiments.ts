// Named specs of a project: the last one launched under each name.
import type { Experiment } from '@stillwatt/contracts';
import type { Connection } from '../connection.ts';
import { json, sql } from '../sql.ts';
import type { Experiments } from '../types.ts';

export function createExperiments({ sql: db }: Connection): Experiments {
  return {
    async save(projectId, spec) {
      await db.run(sql`
        INSERT INTO experiment (project_id, name, spec)
        VALUES (${projectId}, ${spec.experiment}, ${json(spec)}::json)
        ON CONFLICT (project_id, name) DO UPDATE SET spec = excluded.spec, updated_at = now()`);
    },

    async get(projectId, name) {
      const row = await db.one<{ spec: Experiment }>(sql`
        SELECT spec FROM experiment WHERE project_id = ${projectId} AND name = ${name}`);
      return row?.spec ?? null;
    },

    list: (projectId) =>
      db.many<{ name: string; updatedAt: string }>(sql`
        SELECT name, updated_at AS "updatedAt" FROM experiment
         WHERE project_id = ${projectId} ORDER BY updated_at DESC, name`),
  };
}
