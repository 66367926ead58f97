// People who can sign in with a password, as better-auth checks it.
import type { Connection } from '../connection.ts';
import { type Sql, sql } from '../sql.ts';
import type { NewUser, Users } from '../types.ts';
import { insertOrganization, insertProject } from './projects.ts';

const select = { id: true, name: true, email: true } as const;

export function createUsers({ prisma, sql: db }: Connection): Users {
  return {
    async forgetExpired() {
      const sessions = await db.run(sql`DELETE FROM session WHERE expires_at < now()`);
      return sessions + (await db.run(sql`DELETE FROM verification WHERE expires_at < now()`));
    },

    isEmpty: async () => (await prisma.user.findFirst({ select })) === null,

    createFirst: (user, { organization, project }) =>
      db.transaction(async (inside) => {
        // whoever comes second waits here, and then finds the first
        await inside.run(sql`LOCK TABLE app_user IN SHARE ROW EXCLUSIVE MODE`);
        if (await inside.one(sql`SELECT 1 FROM app_user LIMIT 1`)) return false;
        await insertUser(inside, user);
        await insertOrganization(inside, { ...organization, ownerId: user.id });
        const organizationId = organization.id;
        await insertProject(inside, { ...project, organizationId, ownerId: user.id });
        return true;
      }),

    create: (user) => insertUser(db, user),
    remove: async (id) => (await prisma.user.deleteMany({ where: { id } })).count > 0,
    get: (id) => prisma.user.findUnique({ where: { id }, select }),
  };
}

/** The person and the password in one statement: one without the other could never sign in. */
async function insertUser(db: Sql, { id, name, email, passwordHash }: NewUser): Promise<boolean> {
  const added = await db.run(sql`
    WITH added AS (
      INSERT INTO app_user (id, name, email) VALUES (${id}, ${name}, ${email})
      ON CONFLICT (email) DO NOTHING RETURNING id
    )
    INSERT INTO account (id, account_id, provider_id, user_id, password)
    SELECT gen_random_uuid()::text, id, 'credential', id, ${passwordHash} FROM added`);
  return added > 0;
}
