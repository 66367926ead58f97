// API keys of a project; a secret is shown once, when it is made.
import { createKey } from '../api-keys.ts';
import { personId } from '../context.ts';
import { notFound } from '../errors.ts';
import { procedure, router } from '../trpc.ts';

const dayMs = 24 * 60 * 60 * 1000;

export const apiKeysRouter = router({
  list: procedure('apiKeys.list', async ({ services, granted }) => ({
    items: await services.db.apiKeys.list(granted.projectId),
  })),

  create: procedure('apiKeys.create', ({ services, ctx, input, granted }) => {
    const { name, role, days } = input;
    return createKey(services.db, {
      projectId: granted.projectId,
      name,
      role,
      createdBy: personId(ctx.caller),
      expiresAt: days === undefined ? null : new Date(Date.now() + days * dayMs).toISOString(),
    });
  }),

  revoke: procedure('apiKeys.revoke', async ({ services, input }) => {
    if (!(await services.db.apiKeys.revoke(input.apiKeyId))) throw notFound();
    return { ok: true as const };
  }),
});
