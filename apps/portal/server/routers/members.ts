// Members of a project and their roles.
import { notFound } from '../errors.ts';
import { procedure, router } from '../trpc.ts';

export const membersRouter = router({
  list: procedure('members.list', async ({ services, granted }) => ({
    items: await services.db.members.list(granted.projectId),
  })),

  setRole: procedure('members.setRole', async ({ services, input }) => {
    const { projectId, userId, role } = input;
    if (!(await services.db.members.setRole(projectId, userId, role))) throw notFound();
    return { ok: true as const };
  }),

  remove: procedure('members.remove', async ({ services, input }) => {
    if (!(await services.db.members.remove(input.projectId, input.userId))) throw notFound();
    return { ok: true as const };
  }),
});
