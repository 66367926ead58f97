// Artifacts with their lineage; the bytes are in the artifact store.
import type { ArtifactView } from '@stillwatt/contracts';
import type { Connection } from '../connection.ts';
import { json, sql } from '../sql.ts';
import type { Artifacts } from '../types.ts';

const columns = sql`
  a.digest, a.kind, a.size_bytes AS "sizeBytes", a.created_at AS "createdAt",
  a.made_by AS "madeBy", a.files, a.inputs`;

export function createArtifacts({ sql: db }: Connection): Artifacts {
  return {
    async insert({ projectId, ref, manifest, madeBy }) {
      const inserted = await db.run(sql`
        INSERT INTO artifact (project_id, digest, kind, size_bytes, files, inputs, stage_key, made_by)
        VALUES (${projectId}, ${ref.digest}, ${ref.kind}, ${ref.sizeBytes},
                ${json(manifest.files)}::jsonb, ${json(manifest.lineage.inputs)}::jsonb,
                ${manifest.lineage.stageKey}, ${madeBy})
        ON CONFLICT (project_id, digest) DO NOTHING`);
      return inserted > 0;
    },

    get: (projectId, digest) =>
      db.one<ArtifactView>(sql`
        SELECT ${columns} FROM artifact a
         WHERE a.project_id = ${projectId} AND a.digest = ${digest}`),

    ofRun: (runId) =>
      db.many<ArtifactView>(sql`
        SELECT ${columns} FROM artifact a JOIN (
          SELECT b.project_id, b.digest FROM stage s
            JOIN artifact b ON b.project_id = s.project_id
             AND b.made_by = coalesce(s.owner_path, s.path)
           WHERE s.run_id = ${runId}
          UNION
          SELECT s.project_id, s.output_digest FROM stage s WHERE s.run_id = ${runId}
        ) AS chosen ON chosen.project_id = a.project_id AND chosen.digest = a.digest
        ORDER BY a.created_at, a.digest`),
  };
}
