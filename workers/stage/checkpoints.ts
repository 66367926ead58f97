// Checkpoints of a stage in the store: written, announced, found again, cleared away.
import type { CheckpointRef, ProjectStore } from '@stillwatt/artifacts';
import { isStillwattError } from '@stillwatt/contracts';
import type { StageContext } from './context.ts';

const file = 'checkpoint.bin';

/** Bytes to go on from, or undefined for a start from the beginning. */
export async function loadCheckpoint(context: StageContext): Promise<Uint8Array | undefined> {
  const { store, key, resumeFrom, events } = context;
  if (resumeFrom === null) return undefined;
  const bytes = await readCheckpoint(store, resumeFrom);
  if (bytes) {
    events.log('info', `going on from checkpoint ${resumeFrom}`);
    return bytes;
  }
  // Work is repeated then, never made wrong: the result is the same from any state.
  const say = (instead: string) =>
    events.log('warn', `checkpoint ${resumeFrom} is missing or damaged: ${instead}`);
  let last = await store.lastCheckpoint(key);
  for (; last; last = await store.lastCheckpoint(key, last.step)) {
    const other = last.digest === resumeFrom ? null : await readCheckpoint(store, last.digest);
    if (!other) continue;
    say(`going on from step ${last.step}`);
    return other;
  }
  say('starting from the beginning');
  return undefined;
}

/** Null where the store has it not, or no longer whole. */
async function readCheckpoint(store: ProjectStore, digest: string): Promise<Uint8Array | null> {
  try {
    return await store.getFile(digest, file);
  } catch (error) {
    const code = isStillwattError(error) ? error.code : null;
    if (code === 'ARTIFACT_MISSING' || code === 'ARTIFACT_CORRUPT') return null;
    throw error;
  }
}

/** Writes checkpoints; each is in the store before its event is printed, and the one before it is kept in case it is damaged. */
export function createCheckpointWriter(
  context: StageContext,
): (bytes: Uint8Array, step: number) => Promise<void> {
  const { store, key, inputs, events } = context;
  let previous: CheckpointRef | null = null;
  return async (bytes, step) => {
    const artifact = await store.putArtifact({
      kind: 'checkpoint',
      files: new Map([[file, bytes]]),
      lineage: { stageKey: key, inputs },
    });
    const checkpoint = { digest: artifact.digest, step };
    await store.putCheckpoint(key, checkpoint);
    events.print({ type: 'checkpoint', ...checkpoint });
    events.log('info', `checkpoint of step ${step} kept`);
    if (previous) await store.dropCheckpoints(key, previous.step);
    previous = checkpoint;
  };
}
