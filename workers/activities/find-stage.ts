// The cache: a finished stage under a key, if its output is still whole.
import { type Activities, findStageInputSchema, stageResultSchema } from '@stillwatt/contracts';
import type { ActivityDeps } from './deps.ts';
import { beating } from './heartbeat.ts';

export function createFindActivities(
  deps: Pick<ActivityDeps, 'db' | 'store' | 'log'>,
): Pick<Activities, 'findStage'> {
  const { db, store, log } = deps;
  return {
    async findStage(input) {
      const { projectId, key } = findStageInputSchema.parse(input);
      const found = await db.stageResults.get(projectId, key);
      if (!found) return null;
      if (!stageResultSchema.safeParse(found.result).success) {
        log.warn({ projectId, key }, 'a cached result is of another version: it is made again');
        return null;
      }
      const { digest } = found.result.output;
      if (await beating(() => store.project(projectId).isWhole(digest))) return found;
      log.warn({ projectId, key, digest }, 'a cached output is lost or damaged: it is made again');
      return null;
    },
  };
}
