// Organizations and projects, and to which project a thing belongs.
import type { ProjectView } from '@stillwatt/contracts';
import type { Connection } from '../connection.ts';
import { type Sql, sql } from '../sql.ts';
import type { Projects } from '../types.ts';

const withOrganization = {
  id: true,
  name: true,
  organization: { select: { id: true, name: true } },
} as const;
const ofProject = { select: { projectId: true } } as const;

export function createProjects({ prisma, sql: db }: Connection): Projects {
  return {
    createOrganization: (organization) => insertOrganization(db, organization),

    async create(project) {
      await insertProject(db, project);
      const made = await prisma.project.findUniqueOrThrow({
        where: { id: project.id },
        select: withOrganization,
      });
      return { ...made, role: 'owner' };
    },

    get: (id) => prisma.project.findUnique({ where: { id }, select: withOrganization }),

    async ofUser(userId) {
      const memberships = await prisma.membership.findMany({
        where: { userId },
        select: { role: true, project: { select: withOrganization } },
        orderBy: [{ project: { name: 'asc' } }, { projectId: 'asc' }],
      });
      return memberships.map(({ role, project }): ProjectView => ({ ...project, role }));
    },

    async organizationsOf(userId) {
      const memberships = await prisma.organizationMember.findMany({
        where: { userId },
        select: { role: true, organization: { select: { id: true, name: true } } },
        orderBy: [{ organization: { name: 'asc' } }, { organizationId: 'asc' }],
      });
      return memberships.map(({ role, organization }) => ({ ...organization, role }));
    },

    ofRun: async (id) => idOf(await prisma.run.findUnique({ where: { id }, ...ofProject })),
    ofSweep: async (id) => idOf(await prisma.sweep.findUnique({ where: { id }, ...ofProject })),
    ofSchedule: async (id) =>
      idOf(await prisma.schedule.findUnique({ where: { id }, ...ofProject })),
    ofInvitation: async (id) =>
      idOf(await prisma.invitation.findUnique({ where: { id }, ...ofProject })),
    ofApiKey: async (id) => idOf(await prisma.apiKey.findUnique({ where: { id }, ...ofProject })),
    async ofComment(id) {
      const select = { run: ofProject };
      return idOf((await prisma.comment.findUnique({ where: { id }, select }))?.run ?? null);
    },
  };
}

export async function insertOrganization(
  db: Sql,
  { id, name, ownerId }: Parameters<Projects['createOrganization']>[0],
): Promise<void> {
  await db.run(sql`
    WITH created AS (
      INSERT INTO organization (id, name) VALUES (${id}, ${name}) ON CONFLICT (id) DO NOTHING
    )
    INSERT INTO organization_member (organization_id, user_id, role)
    SELECT ${id}, owner, 'owner' FROM (SELECT ${ownerId}::text AS owner) WHERE owner IS NOT NULL
    ON CONFLICT (organization_id, user_id) DO UPDATE SET role = 'owner'`);
}

export async function insertProject(
  db: Sql,
  { id, organizationId, name, ownerId }: Parameters<Projects['create']>[0],
): Promise<void> {
  await db.run(sql`
    WITH created AS (
      INSERT INTO project (id, organization_id, name) VALUES (${id}, ${organizationId}, ${name})
      ON CONFLICT (id) DO NOTHING
    )
    INSERT INTO membership (project_id, user_id, role)
    SELECT ${id}, owner, 'owner' FROM (SELECT ${ownerId}::text AS owner) WHERE owner IS NOT NULL
    ON CONFLICT (project_id, user_id) DO UPDATE SET role = 'owner'`);
}

function idOf(row: { projectId: string } | null): string | null {
  return row?.projectId ?? null;
}
