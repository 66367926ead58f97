// The cache: a finished stage under a key, if its output is still there.
import type { ArtifactStore } from '@stillwatt/artifacts';
import {
  type Activities,
  findStageInputSchema,
  isStillwattError,
  type StageResult,
} from '@stillwatt/contracts';
import type { ActivityDeps } from './deps.ts';

/** True if every file of the result's output is in the store. */
export async function isOutputThere(
  store: ArtifactStore,
  projectId: string,
  result: StageResult,
): Promise<boolean> {
  const project = store.project(projectId);
  try {
    const { files } = await project.getManifest(result.output.digest);
    const found = await Promise.all(files.map((file) => project.hasBlob(file.digest)));
    return found.every(Boolean);
  } catch (error) {
    if (isStillwattError(error) && error.code === 'ARTIFACT_MISSING') return false;
    throw error;
  }
}

export function createFindActivities(
  deps: Pick<ActivityDeps, 'db' | 'store' | 'log'>,
): Pick<Activities, 'findStage'> {
  const { db, store, log } = deps;
  return {
    async findStage(input) {
      const { projectId, key } = findStageInputSchema.parse(input);
      const found = await db.stageResults.get(projectId, key);
      if (!found) return null;
      if (await isOutputThere(store, projectId, found.result)) return found;
      log.warn({ projectId, key }, 'a cached output is gone from the store and is made again');
      return null;
    },
  };
}
