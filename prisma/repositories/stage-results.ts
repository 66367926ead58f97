// The stage cache: content key → result, per project, as the artifact store has it.
import type { Connection } from '../connection.ts';
import { json, sql } from '../sql.ts';
import type { CachedResult, StageResults } from '../types.ts';

export function createStageResults({ sql: db }: Connection): StageResults {
  return {
    get: (projectId, key) =>
      db.one<CachedResult>(sql`
        SELECT result, owner_path AS "ownerPath" FROM stage_result
         WHERE project_id = ${projectId} AND key = ${key}`),

    async known(projectId, keys) {
      const rows = await db.many<{ key: string }>(sql`
        SELECT key FROM stage_result WHERE project_id = ${projectId} AND key = ANY(${keys})`);
      return rows.map(({ key }) => key);
    },

    async keep(projectId, key, { result, ownerPath }) {
      const changed = await db.run(sql`
        INSERT INTO stage_result (project_id, key, owner_path, result)
        VALUES (${projectId}, ${key}, ${ownerPath}, ${json(result)}::jsonb)
        ON CONFLICT (project_id, key) DO UPDATE
          SET owner_path = excluded.owner_path, result = excluded.result
          WHERE stage_result.result <> excluded.result`);
      return changed > 0;
    },
  };
}
