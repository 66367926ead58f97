// Stores what a stage made: the output, then the result under the stage's key.
import type { ProjectStore } from '@stillwatt/artifacts';
import type { StageInput, StageResult } from '@stillwatt/contracts';
import type { StageOutput } from './context.ts';
import { describeProcess, readUsage } from './usage.ts';

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
