// The demo's own access to the public API, and what a person needs to sign in.
import { isStillwattError } from '@stillwatt/contracts';
import { type Api, createApi } from '../api-client.ts';
import { layoutOf } from '../layout.ts';
import { loadSecrets, saveApiKey } from '../secrets.ts';
import type { Stack } from '../stack.ts';

export interface Connection {
  api: Api;
  projectId: string;
}

/** With this machine's key, kept from last time or asked for with the one-time token. */
export async function connect({ urls, dir }: Stack): Promise<Connection> {
  const file = layoutOf(dir).secrets;
  const { apiKey, projectId, adminToken } = loadSecrets(file);
  if (apiKey !== undefined && projectId !== undefined) {
    const api = createApi({ url: urls.portal, apiKey });
    if (await isAccepted(api)) return { api, projectId };
  }
  const made = await createApi({ url: urls.portal }).call('setup.localKey', { token: adminToken });
  saveApiKey(file, made.apiKey, made.projectId);
  return { api: createApi({ url: urls.portal, apiKey: made.apiKey }), projectId: made.projectId };
}

/** The database may be another than the one the key was made in. */
async function isAccepted(api: Api): Promise<boolean> {
  try {
    await api.call('me.get', {});
    return true;
  } catch (error) {
    if (isStillwattError(error) && error.code === 'UNAUTHENTICATED') return false;
    throw error;
  }
}

/** Where to look and how to get in, one line each. */
export async function addresses({ urls, secrets }: Stack, api: Api): Promise<string> {
  const { needsAdministrator } = await api.call('setup.status', {});
  const signIn = needsAdministrator
    ? `${urls.portal}/welcome?token=${secrets.adminToken}\n             (works once, for the first administrator)`
    : `${urls.portal}/sign-in`;
  return [
    `Portal       ${urls.portal}`,
    `Sign in      ${signIn}`,
    `Temporal     ${urls.temporalUi}`,
  ].join('\n');
}
