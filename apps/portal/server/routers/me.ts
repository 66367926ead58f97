// Who calls, and what they may see.
import { procedure, router } from '../trpc.ts';

export const meRouter = router({
  get: procedure('me.get', async ({ services, ctx }) => {
    const { caller } = ctx;
    if (caller.type === 'user') {
      const { id, name, email } = caller;
      return { person: { id, name, email }, projects: await services.db.projects.ofUser(id) };
    }
    if (caller.type === 'nobody') return { person: null, projects: [] };
    const project = await services.db.projects.get(caller.projectId);
    const person = caller.userId === null ? null : await services.db.users.get(caller.userId);
    return { person, projects: project ? [{ ...project, role: caller.role }] : [] };
  }),
});
