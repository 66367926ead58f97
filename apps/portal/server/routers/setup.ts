// The first administrator and the demo's key, for the holder of the one-time token.
import { createHash, randomBytes } from 'node:crypto';
import { makeId, StillwattError } from '@stillwatt/contracts';
import { createKey, sameSecret } from '../api-keys.ts';
import type { Services } from '../services.ts';
import { procedure, router } from '../trpc.ts';

/** Made once per installation, whoever comes first, so that the demo's runs and the first administrator meet. */
const local = {
  organization: { id: makeId('organization', fixedBytes('organization')), name: 'Local' },
  project: { id: makeId('project', fixedBytes('project')), name: 'Demo' },
};

export const setupRouter = router({
  status: procedure('setup.status', async ({ services }) => ({
    needsAdministrator: await services.db.users.isEmpty(),
  })),

  createAdministrator: procedure('setup.createAdministrator', async ({ services, input }) => {
    const { token, name, email, password } = input;
    checkToken(services, token);
    const user = {
      id: makeId('user', randomBytes(12)),
      name,
      email: email.toLowerCase(),
      passwordHash: await services.auth.hashPassword(password),
    };
    if (await services.db.users.createFirst(user, local)) return { projectId: local.project.id };
    throw new StillwattError('CONFLICT', 'this installation has its administrator already', {
      fix: 'sign in, or ask for an invitation link',
    });
  }),

  localKey: procedure('setup.localKey', async ({ services, input }) => {
    checkToken(services, input.token);
    await ensureLocalProject(services);
    const { secret } = await createKey(services.db, {
      projectId: local.project.id,
      name: 'demo on this machine',
      role: 'member',
      createdBy: null,
      expiresAt: null,
    });
    return { projectId: local.project.id, apiKey: secret };
  }),
});

async function ensureLocalProject({ db }: Services): Promise<void> {
  const { organization, project } = local;
  await db.projects.createOrganization({ ...organization, ownerId: null });
  const organizationId = organization.id;
  await db.projects.create({ ...project, organizationId, ownerId: null });
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
