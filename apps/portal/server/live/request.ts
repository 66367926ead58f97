// Who may follow what: the project, and a run only if it is the project's.
import type { liveInputSchema } from '@stillwatt/contracts';
import type { z } from 'zod';
import { authorise } from '../access.ts';
import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';
import type { FeedRequest } from './feed.ts';

/** @throws StillwattError NOT_FOUND */
export async function followRequest(
  { services, caller }: Pick<Context, 'services' | 'caller'>,
  input: z.output<typeof liveInputSchema>,
): Promise<FeedRequest> {
  const { projectId, runId, lastEventId } = input;
  await authorise(services, caller, 'viewer', { projectId });
  if (runId !== undefined) {
    const granted = await authorise(services, caller, 'viewer', { runId });
    if (granted.projectId !== projectId) throw notFound();
  }
  const { type: _type, ...person } = caller.type === 'user' ? caller : { type: null };
  return { projectId, runId, lastEventId, person: 'id' in person ? person : null };
}
