// Comments on a run; the database's triggers tell those who look at it.
import { randomBytes } from 'node:crypto';
import { makeId, roleAllows, StillwattError } from '@stillwatt/contracts';
import { personId } from '../context.ts';
import { notFound } from '../errors.ts';
import { procedure, router } from '../trpc.ts';

export const commentsRouter = router({
  list: procedure('comments.list', async ({ services, input }) => ({
    items: await services.db.comments.list(input.runId),
  })),

  add: procedure('comments.add', async ({ services, ctx, input }) => {
    const authorId = personId(ctx.caller);
    if (authorId === null) {
      throw new StillwattError('FORBIDDEN', 'nobody stands behind this API key', {
        fix: 'comment signed in, or with a key that a person made',
      });
    }
    return services.db.comments.add({ id: makeId('comment', randomBytes(12)), authorId, ...input });
  }),

  remove: procedure('comments.remove', async ({ services, ctx, input, granted }) => {
    const comment = await services.db.comments.get(input.commentId);
    if (!comment) throw notFound();
    const mine = comment.author.id === personId(ctx.caller);
    if (!mine && !roleAllows(granted.role, 'owner')) {
      throw new StillwattError('FORBIDDEN', 'only its author or an owner removes a comment', {
        fix: 'ask an owner of the project',
      });
    }
    if (!(await services.db.comments.remove(input.commentId))) throw notFound();
    return { ok: true as const };
  }),
});
