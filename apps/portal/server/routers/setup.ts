// The first administrator and the demo's key, for the holder of the one-time token.
import { createHash } from 'node:crypto';
import { makeId, StillwattError } from '@stillwatt/contracts';
import { createKey, sameSecret } from '../api-keys.ts';
import type { Services } from '../services.ts';
import { procedure, router } from '../trpc.ts';

/** Made once per installation, whoever comes first, so that the demo's runs and the first administrator meet. */
const local = {
  organizationId: makeId('organization', fixedBytes('organization')),
  projectId: makeId('project', fixedBytes('project')),
};

export const setupRouter = router({
  status: procedure('setup.status', async ({ services }) => ({
    needsAdministrator: await services.db.users.isEmpty(),
  })),

  createAdministrator: procedure('setup.createAdministrator', async ({ services, input }) => {
    checkToken(services, input.token);
    if (!(await services.db.users.isEmpty())) {
      throw new StillwattError('CONFLICT', 'this installation has its administrator already', {
        fix: 'sign in, or ask for an invitation link',
      });
    }
    const { id } = await services.auth.createUser(input);
    await ensureLocalProject(services, id);
    return { projectId: local.projectId };
  }),

  localKey: procedure('setup.localKey', async ({ services, input }) => {
    checkToken(services, input.token);
    await ensureLocalProject(services, null);
    const { secret } = await createKey(services.db, {
      projectId: local.projectId,
      name: 'demo on this machine',
      role: 'member',
      createdBy: null,
      expiresAt: null,
    });
    return { projectId: local.projectId, apiKey: secret };
  }),
});

async function ensureLocalProject({ db }: Services, ownerId: string | null): Promise<void> {
  await db.projects.createOrganization({ id: local.organizationId, name: 'Local', ownerId });
  await db.projects.create({
    id: local.projectId,
    organizationId: local.organizationId,
    name: 'Demo',
    ownerId,
  });
}

function checkToken({ env }: Services, token: string): void {
  if (env.adminToken !== undefined && sameSecret(token, env.adminToken)) return;
  throw new StillwattError('FORBIDDEN', 'this is not the one-time token', {
    fix: 'the demo prints it; elsewhere it is STILLWATT_ADMIN_TOKEN of the portal',
    path: 'token',
  });
}

function fixedBytes(noun: string): Uint8Array {
  return createHash('sha256').update(`stillwatt local ${noun}`).digest();
}
