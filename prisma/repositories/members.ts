// Who may do what in a project.
import { StillwattError } from '@stillwatt/contracts';
import type { Connection } from '../connection.ts';
import { type Sql, sql } from '../sql.ts';
import type { Members } from '../types.ts';

export function createMembers({ prisma, sql: db }: Connection): Members {
  return {
    async role(userId, projectId) {
      const where = { projectId_userId: { projectId, userId } };
      return (await prisma.membership.findUnique({ where }))?.role ?? null;
    },

    async organizationRole(userId, organizationId) {
      const where = { organizationId_userId: { organizationId, userId } };
      return (await prisma.organizationMember.findUnique({ where }))?.role ?? null;
    },

    async list(projectId) {
      const rows = await prisma.membership.findMany({
        where: { projectId },
        select: {
          role: true,
          createdAt: true,
          user: { select: { id: true, name: true, email: true } },
        },
        orderBy: [{ user: { name: 'asc' } }, { userId: 'asc' }],
      });
      return rows.map(({ role, createdAt, user }) => ({
        ...{ person: user, role, since: createdAt.toISOString() },
      }));
    },

    async add(projectId, userId, role) {
      const data = [{ projectId, userId, role }];
      const { count } = await prisma.membership.createMany({ data, skipDuplicates: true });
      return count > 0;
    },

    setRole: (projectId, userId, role) =>
      db.transaction(async (inside) => {
        await lockProject(inside, projectId);
        const changed = await inside.run(sql`
          UPDATE membership SET role = ${role}::role
           WHERE project_id = ${projectId} AND user_id = ${userId}`);
        if (changed > 0) await requireOwner(inside, projectId);
        return changed > 0;
      }),

    remove: (projectId, userId) =>
      db.transaction(async (inside) => {
        await lockProject(inside, projectId);
        const removed = await inside.run(sql`
          DELETE FROM membership WHERE project_id = ${projectId} AND user_id = ${userId}`);
        if (removed > 0) await requireOwner(inside, projectId);
        return removed > 0;
      }),
  };
}

/** Two owners who leave at the same moment must not both succeed. */
async function lockProject(inside: Sql, projectId: string): Promise<void> {
  await inside.run(sql`SELECT 1 FROM project WHERE id = ${projectId} FOR UPDATE`);
}

/** Thrown inside the transaction, so that the change is undone. */
async function requireOwner(inside: Sql, projectId: string): Promise<void> {
  const owner = await inside.one(sql`
    SELECT 1 FROM membership WHERE project_id = ${projectId} AND role = 'owner' LIMIT 1`);
  if (owner) return;
  throw new StillwattError('CONFLICT', 'the project would be left without an owner', {
    fix: 'make somebody else owner first',
  });
}
