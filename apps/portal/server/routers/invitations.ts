// Invitations by link: the token is in the link alone, the database keeps its hash.
import { randomBytes } from 'node:crypto';
import { makeId, StillwattError } from '@stillwatt/contracts';
import { makeSecret, sha256 } from '../api-keys.ts';
import { personId } from '../context.ts';
import { notFound } from '../errors.ts';
import { procedure, router } from '../trpc.ts';

const dayMs = 24 * 60 * 60 * 1000;

export const invitationsRouter = router({
  list: procedure('invitations.list', async ({ services, granted }) => ({
    items: await services.db.invitations.list(granted.projectId),
  })),

  create: procedure('invitations.create', async ({ services, ctx, input, granted }) => {
    const token = makeSecret();
    const invitation = await services.db.invitations.create({
      id: makeId('invitation', randomBytes(12)),
      projectId: granted.projectId,
      tokenSha256: sha256(token),
      role: input.role,
      createdBy: personId(ctx.caller),
      expiresAt: new Date(Date.now() + input.days * dayMs).toISOString(),
    });
    return { invitation, url: `${services.env.url}/join/${token}` };
  }),

  revoke: procedure('invitations.revoke', async ({ services, input }) => {
    if (!(await services.db.invitations.revoke(input.invitationId))) throw notFound();
    return { ok: true as const };
  }),

  show: procedure('invitations.show', async ({ services, input }) => {
    const found = await services.db.invitations.find(sha256(input.token));
    if (!found) throw closed();
    return {
      project: found.project.name,
      organization: found.organization.name,
      role: found.role,
    };
  }),

  accept: procedure('invitations.accept', async ({ services, ctx, input }) => {
    const hash = sha256(input.token);
    if (!(await services.db.invitations.find(hash))) throw closed();
    if (ctx.caller.type === 'key') {
      throw new StillwattError('FORBIDDEN', 'an API key cannot join a project', {
        fix: 'open the link in a browser',
      });
    }
    if (ctx.caller.type === 'user') {
      const joined = await services.db.invitations.accept(hash, ctx.caller.id);
      if (!joined) throw closed();
      return joined;
    }
    if (!input.account) {
      throw new StillwattError('UNAUTHENTICATED', 'sign in, or give the account to make', {
        fix: 'send account with name, email and password',
        path: 'account',
      });
    }
    const user = await services.auth.createUser(input.account);
    const joined = await services.db.invitations.accept(hash, user.id);
    if (joined) return joined;
    // Somebody else used the link in the meantime.
    await services.db.users.remove(user.id);
    throw closed();
  }),
});

function closed(): StillwattError {
  return new StillwattError('NOT_FOUND', 'this invitation is not open: used, revoked or expired', {
    fix: 'ask who sent it for a new link',
  });
}
