// People who can sign in; better-auth writes all but the first.
import type { Connection } from '../connection.ts';
import { sql } from '../sql.ts';
import type { Users } from '../types.ts';
import { insertOrganization, insertProject } from './projects.ts';

const select = { id: true, name: true, email: true } as const;

export function createUsers({ prisma, sql: db }: Connection): Users {
  return {
    async forgetExpired() {
      const sessions = await db.run(sql`DELETE FROM session WHERE expires_at < now()`);
      return sessions + (await db.run(sql`DELETE FROM verification WHERE expires_at < now()`));
    },

    isEmpty: async () => (await prisma.user.findFirst({ select })) === null,

    createFirst: ({ id, name, email, passwordHash }, { organization, project }) =>
      db.transaction(async (inside) => {
        // whoever comes second waits here, and then finds the first
        await inside.run(sql`LOCK TABLE app_user IN SHARE ROW EXCLUSIVE MODE`);
        if (await inside.one(sql`SELECT 1 FROM app_user LIMIT 1`)) return false;
        await inside.run(sql`
          INSERT INTO app_user (id, name, email) VALUES (${id}, ${name}, ${email})`);
        await inside.run(sql`
          INSERT INTO account (id, account_id, provider_id, user_id, password)
          VALUES (gen_random_uuid()::text, ${id}, 'credential', ${id}, ${passwordHash})`);
        await insertOrganization(inside, { ...organization, ownerId: id });
        const organizationId = organization.id;
        await insertProject(inside, { ...project, organizationId, ownerId: id });
        return true;
      }),

    get: (id) => prisma.user.findUnique({ where: { id }, select }),
    findByEmail: (email) => prisma.user.findUnique({ where: { email }, select }),
  };
}
