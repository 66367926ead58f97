// Comments on runs.
import { type CommentView, StillwattError } from '@stillwatt/contracts';
import type { Connection } from '../connection.ts';
import { cleanText, type Fragment, sql } from '../sql.ts';
import type { Comments } from '../types.ts';
import { runEvents } from './events.ts';

export function createComments({ sql: db }: Connection): Comments {
  const read = (condition: Fragment) =>
    db.many<CommentView>(sql`
      SELECT c.id, c.run_id AS "runId", c.body, c.created_at AS "createdAt",
             jsonb_build_object('id', u.id, 'name', u.name, 'email', u.email) AS author
        FROM comment c JOIN app_user u ON u.id = c.author_id
       WHERE ${condition} ORDER BY c.created_at, c.id`);
  const get = async (id: string) => (await read(sql`c.id = ${id}`))[0] ?? null;

  return {
    get,
    list: (runId) => read(sql`c.run_id = ${runId}`),

    async add({ id, runId, authorId, body }) {
      await db.run(sql`
        WITH added AS (
          INSERT INTO comment (id, run_id, author_id, body)
          SELECT ${id}, id, ${authorId}, ${cleanText(body)} FROM run WHERE id = ${runId}
          ON CONFLICT (id) DO NOTHING RETURNING run_id
        ) ${runEvents('comment', sql`${runOf} added ON added.run_id = r.id`)}`);
      const comment = await get(id);
      if (!comment) throw new StillwattError('NOT_FOUND', `there is no run ${runId}`);
      return comment;
    },

    async remove(id) {
      const removed = await db.run(sql`
        WITH removed AS (DELETE FROM comment WHERE id = ${id} RETURNING run_id)
        ${runEvents('comment', sql`${runOf} removed ON removed.run_id = r.id`)}`);
      return removed > 0;
    },
  };
}

const runOf = sql`SELECT r.project_id, r.id AS run_id, r.sweep_id FROM run r JOIN`;
