// Who did what, kept for the project's owners.
import type { Connection } from '../connection.ts';
import { readCursor, toPage, writeCursor } from '../cursor.ts';
import { type Fragment, json, nothing, sql } from '../sql.ts';
import type { Audit, AuditEntry } from '../types.ts';

const list = 'a';

export function createAudit({ sql: db }: Connection): Audit {
  return {
    async append({ projectId, userId, apiKeyId, action, subject, detail }) {
      await db.run(sql`
        INSERT INTO audit_event (project_id, user_id, api_key_id, action, subject, detail)
        VALUES (${projectId}, ${userId}, ${apiKeyId}, ${action}, ${subject}, ${json(detail)}::jsonb)`);
    },

    async list({ projectId, limit, cursor }) {
      const rows = await db.many<AuditEntry & { id: string; at: string }>(sql`
        SELECT id::text, project_id AS "projectId", user_id AS "userId",
               api_key_id AS "apiKeyId", action, subject, detail, at
          FROM audit_event WHERE project_id = ${projectId}
           ${cursor ? sql`AND id < ${readCursor(list, 1, cursor)[0]}::bigint` : nothing}
         ORDER BY audit_event.id DESC LIMIT ${limit + 1}`);
      return toPage(
        rows,
        limit,
        (row) => row,
        ({ id }) => writeCursor(list, [id]),
      );
    },
  };
}

/** An entry that is written with what it is about, or not at all. `source`: a row with project_id. */
export function auditOf(
  { userId, action, subject }: Pick<AuditEntry, 'userId' | 'action' | 'subject'>,
  source: Fragment,
): Fragment {
  return sql`INSERT INTO audit_event (project_id, user_id, action, subject)
    SELECT project_id, ${userId}, ${action}, ${subject} FROM (${source}) AS source`;
}
