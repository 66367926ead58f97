// The result manifest of a stage: looked for before the work, stored after it.
import type { ProjectStore } from '@stillwatt/artifacts';
import { isStillwattError, type StageInput, type StageResult } from '@stillwatt/contracts';
import type { StageOutput } from './context.ts';
import { describeProcess, readUsage } from './usage.ts';

/** The result stored under this key whose output is still there. */
export async function findResult(store: ProjectStore, key: string): Promise<StageResult | null> {
  const result = await store.getResult(key);
  if (result === null) return null;
  try {
    await store.getManifest(result.output.digest);
    return result;
  } catch (error) {
    // Computed again then: equal work gives the equal digest, so the stored result comes true again.
    if (isStillwattError(error) && error.code === 'ARTIFACT_MISSING') return null;
    throw error;
  }
}

/** Stores the output, then the result; the first result under a key is the one that counts. */
export async function storeResult(
  store: ProjectStore,
  input: StageInput,
  { kind, files, summary, runtime }: StageOutput,
): Promise<StageResult> {
  const output = await store.putArtifact({
    kind,
    files,
    lineage: { stageKey: input.key, inputs: input.inputs },
  });
  const result = await store.putResult(input.key, {
    path: input.path,
    key: input.key,
    output,
    summary,
    provenance: describeProcess(input.threads, runtime),
    ...readUsage(),
  });
  await store.dropCheckpoints(input.key);
  return result;
}
