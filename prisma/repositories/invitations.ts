// Invitation links: only the hash of a token is kept.
import type { InvitationView } from '@stillwatt/contracts';
import type { Connection } from '../connection.ts';
import { sql } from '../sql.ts';
import type { Invitations } from '../types.ts';

interface Row {
  id: string;
  role: InvitationView['role'];
  createdAt: Date;
  expiresAt: Date;
}

export function createInvitations({ prisma, sql: db }: Connection): Invitations {
  const stillOpen = () => ({
    ...{ acceptedAt: null, revokedAt: null, expiresAt: { gt: new Date() } },
  });
  return {
    async create({ expiresAt, ...invitation }) {
      const data = { ...invitation, expiresAt: new Date(expiresAt) };
      return toView(await prisma.invitation.create({ data }));
    },

    async list(projectId) {
      const where = { projectId, ...stillOpen() };
      const orderBy = [{ createdAt: 'desc' }, { id: 'desc' }] as const;
      return (await prisma.invitation.findMany({ where, orderBy: [...orderBy] })).map(toView);
    },

    async find(tokenSha256) {
      const row = await prisma.invitation.findFirst({
        where: { tokenSha256, ...stillOpen() },
        include: {
          project: {
            select: { id: true, name: true, organization: { select: { id: true, name: true } } },
          },
        },
      });
      if (!row) return null;
      const { organization, ...project } = row.project;
      return { ...toView(row), project, organization };
    },

    accept: (tokenSha256, userId) =>
      db.transaction(async (inside) => {
        // the row's lock makes a second acceptance wait, and then find it taken
        const taken = await inside.one<{ projectId: string; role: string }>(sql`
          UPDATE invitation SET accepted_at = now(), accepted_by = ${userId}
           WHERE token_sha256 = ${tokenSha256} AND accepted_at IS NULL AND revoked_at IS NULL
             AND expires_at > now()
          RETURNING project_id AS "projectId", role`);
        if (!taken) return null;
        const { projectId, role } = taken;
        await inside.run(sql`
          INSERT INTO membership (project_id, user_id, role)
          VALUES (${projectId}, ${userId}, ${role}::role)
          ON CONFLICT (project_id, user_id)
          DO UPDATE SET role = greatest(membership.role, excluded.role)`);
        return { projectId };
      }),

    async revoke(id) {
      const where = { id, acceptedAt: null, revokedAt: null };
      const data = { revokedAt: new Date() };
      return (await prisma.invitation.updateMany({ where, data })).count > 0;
    },
  };
}

function toView({ id, role, createdAt, expiresAt }: Row): InvitationView {
  return { id, role, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() };
}
