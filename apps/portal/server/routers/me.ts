// Who calls, and what they may see.
import type { OrganizationView } from '@stillwatt/contracts';
import { procedure, router } from '../trpc.ts';

export const meRouter = router({
  get: procedure('me.get', async ({ services, ctx }) => {
    const { caller } = ctx;
    if (caller.type === 'user') {
      const { id, name, email } = caller;
      const [projects, organizations] = await Promise.all([
        services.db.projects.ofUser(id),
        services.db.projects.organizationsOf(id),
      ]);
      return { person: { id, name, email }, projects, organizations };
    }
    const organizations: OrganizationView[] = [];
    if (caller.type === 'nobody') return { person: null, projects: [], organizations };
    const project = await services.db.projects.get(caller.projectId);
    const person = caller.userId === null ? null : await services.db.users.get(caller.userId);
    const projects = project ? [{ ...project, role: caller.role }] : [];
    return { person, projects, organizations };
  }),
});
