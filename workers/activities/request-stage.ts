// Asks the workflow of a key for its result, and shows in the row who computes it.
import { type Activities, requestStageInputSchema } from '@stillwatt/contracts';
import type { ActivityDeps } from './deps.ts';

export function createRequestActivities(
  deps: Pick<ActivityDeps, 'db' | 'stages'>,
): Pick<Activities, 'requestStage'> {
  const { db, stages } = deps;
  return {
    async requestStage(input) {
      const { work, wait } = requestStageInputSchema.parse(input);
      const { ownerPath } = await stages.ask(work, wait);
      await db.stages.setState(work.path, {
        state: 'queued',
        key: work.key,
        ownerPath: ownerPath === work.path ? null : ownerPath,
      });
      return { ownerPath };
    },
  };
}
