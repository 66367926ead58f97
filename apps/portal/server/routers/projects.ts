// Projects: made in an organization one belongs to.
import { randomBytes } from 'node:crypto';
import { makeId, StillwattError } from '@stillwatt/contracts';
import { notFound } from '../errors.ts';
import { procedure, router } from '../trpc.ts';

export const projectsRouter = router({
  create: procedure('projects.create', async ({ services, ctx, input }) => {
    const { caller } = ctx;
    if (caller.type !== 'user') throw notFound();
    const role = await services.db.members.organizationRole(caller.id, input.organizationId);
    if (role === null) throw notFound();
    if (role === 'viewer') {
      throw new StillwattError('FORBIDDEN', 'a viewer of the organization makes no projects', {
        fix: 'ask an owner of the organization',
      });
    }
    const id = makeId('project', randomBytes(12));
    return services.db.projects.create({ id, ...input, ownerId: caller.id });
  }),

  get: procedure('projects.get', async ({ services, granted }) => {
    const project = await services.db.projects.get(granted.projectId);
    if (!project) throw notFound();
    return { ...project, role: granted.role };
  }),
});
