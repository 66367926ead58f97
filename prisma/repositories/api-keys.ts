// API keys: only the hash of a secret is kept.
import type { ApiKeyView } from '@stillwatt/contracts';
import type { Connection } from '../connection.ts';
import type { ApiKeys } from '../types.ts';

/** A key in steady use costs one write a minute. */
const touchEveryMs = 60_000;

interface Row {
  id: string;
  name: string;
  role: ApiKeyView['role'];
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
}

export function createApiKeys({ prisma }: Connection): ApiKeys {
  return {
    async create({ expiresAt, ...key }) {
      const data = { ...key, expiresAt: expiresAt === null ? null : new Date(expiresAt) };
      return toView(await prisma.apiKey.create({ data }));
    },

    async list(projectId) {
      const where = { projectId, revokedAt: null };
      const rows = await prisma.apiKey.findMany({
        where,
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      });
      return rows.map(toView);
    },

    find: (id) =>
      prisma.apiKey.findFirst({
        where: {
          id,
          revokedAt: null,
          OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }],
        },
        select: {
          ...{ id: true, projectId: true, name: true, role: true },
          ...{ secretSha256: true, createdBy: true },
        },
      }),

    async touch(id) {
      const now = new Date();
      const stale = { lt: new Date(now.getTime() - touchEveryMs) };
      await prisma.apiKey.updateMany({
        where: { id, OR: [{ lastUsedAt: null }, { lastUsedAt: stale }] },
        data: { lastUsedAt: now },
      });
    },

    async revoke(id) {
      const where = { id, revokedAt: null };
      return (await prisma.apiKey.updateMany({ where, data: { revokedAt: new Date() } })).count > 0;
    },
  };
}

function toView({ id, name, role, createdAt, expiresAt, lastUsedAt }: Row): ApiKeyView {
  return {
    ...{ id, name, role, createdAt: createdAt.toISOString() },
    expiresAt: expiresAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}
