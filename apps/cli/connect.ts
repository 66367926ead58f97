// Finds the platform: by the environment, or the stack that runs on this machine.
import { idSchema, StillwattError } from '@stillwatt/contracts';
import { type Api, createApi, layoutOf, loadSecrets, readState } from '@stillwatt/local';
import type { CliEnv } from './env.ts';

/** @throws StillwattError UNAVAILABLE where none is named and none runs here, UNAUTHENTICATED without a key. */
export function connect(env: CliEnv): Api {
  const here = env.url && env.apiKey ? null : localStack(env.home);
  const url = env.url ?? here?.url;
  if (url === undefined) {
    throw new StillwattError('UNAVAILABLE', 'no platform is named, and none runs on this machine', {
      fix: 'npm run demo starts one; or set STILLWATT_URL and STILLWATT_API_KEY',
      retryable: true,
    });
  }
  // The key of this machine's stack is sent to this machine's stack alone.
  const apiKey = env.apiKey ?? (env.url === undefined ? here?.apiKey : undefined);
  if (apiKey === undefined) {
    throw new StillwattError('UNAUTHENTICATED', 'there is no API key', {
      fix: 'make one in the portal under Settings and set STILLWATT_API_KEY',
    });
  }
  return createApi({ url, apiKey });
}

/** The project of the key. */
export async function projectOf(api: Api): Promise<string> {
  const { projects } = await api.call('me.get', {});
  const [project] = projects;
  if (project) return project.id;
  throw new StillwattError('NOT_FOUND', 'this key has no project', {
    fix: 'make another key in the portal under Settings',
  });
}

export type Target = { runId: string } | { sweepId: string };

/** What an id names. @throws StillwattError INPUT_INVALID */
export function targetOf(id: string): Target {
  if (idSchema('run').safeParse(id).success) return { runId: id };
  if (idSchema('sweep').safeParse(id).success) return { sweepId: id };
  throw new StillwattError('INPUT_INVALID', `“${id}” is no id of a run or sweep`, {
    fix: 'ids look like run_0123456789ab and sweep_0123456789ab: stillwatt list shows them',
  });
}

function localStack(home: string): { url: string | undefined; apiKey: string | undefined } | null {
  const layout = layoutOf(home);
  const state = readState(layout.state);
  if (!state) return null;
  return { url: state.urls['portal'], apiKey: loadSecrets(layout.secrets).apiKey };
}
