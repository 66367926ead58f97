// One attempt from its start to its written end: everything it says is told, then how it ended.
import type { ProjectStore } from '@stillwatt/artifacts';
import type { Digest, StageResult, StageWorkInput } from '@stillwatt/contracts';
import { StillwattError } from '@stillwatt/contracts';
import type { Exit, Handle } from '@stillwatt/executors';
import type { ActivityDeps } from './deps.ts';
import { patiently } from './patience.ts';
import { createRelay } from './relay.ts';

export interface Following {
  deps: ActivityDeps;
  work: StageWorkInput;
  handle: Handle;
  /** Aborted when the activity lets go of a process that shall live on. */
  detach: AbortSignal;
  onCheckpoint?: (digest: Digest) => void;
}

/** Tells all events and waits for the end. Safe to repeat from the beginning at any point. */
export async function followAttempt(following: Following): Promise<Exit> {
  const { deps, work, handle, detach, onCheckpoint } = following;
  const { db, telemetry, store } = deps;
  const project = store.project(work.projectId);
  const row = { stagePath: work.path, number: handle.attempt, resumedFrom: handle.resumedFrom };
  await patiently(() => db.attempts.start(row), detach);
  await patiently(() => db.stages.setState(work.path, { state: 'running', key: work.key }), detach);
  const relay = createRelay({
    db,
    project,
    telemetry,
    work,
    attempt: handle.attempt,
    signal: detach,
  });
  telemetry.stageStarted(work.kind);
  let exit: Exit | undefined;
  const said: { fromMs?: number; toMs?: number } = {};
  try {
    for await (const event of handle.events(0, detach)) {
      said.fromMs ??= event.atMs;
      said.toMs = event.atMs;
      await relay.add(event);
      if (event.type === 'checkpoint') onCheckpoint?.(event.digest);
    }
    await relay.settle();
    exit = await orStoredResult(await handle.wait(detach), following, project);
    await recordEnd(exit, following, project);
    return exit;
  } finally {
    relay.close();
    telemetry.stageEnded(work.kind, exit?.state ?? 'detached', secondsOf(exit, said));
  }
}

/** Keeps a finished stage as the store has it: artifact, cache, row. Can be cut off anywhere and repeated. */
export async function keepResult(
  deps: ActivityDeps,
  work: StageWorkInput,
  result: StageResult,
): Promise<StageResult> {
  const { db, store } = deps;
  const { projectId, key, path } = work;
  if (result.key !== key) {
    throw new StillwattError('INTERNAL', `the stage of key ${key} gave a result of ${result.key}`);
  }
  const manifest = await store.project(projectId).getManifest(result.output.digest);
  await db.artifacts.insert({ projectId, ref: result.output, manifest, madeBy: result.path });
  await db.stageResults.keep(projectId, key, { result, ownerPath: result.path });
  const ownerPath = result.path === path ? null : result.path;
  await db.stages.setState(path, {
    state: ownerPath === null ? 'succeeded' : 'cached',
    key,
    ownerPath,
    result,
  });
  return result;
}

/** A process may be killed between storing its result and saying so. */
async function orStoredResult(
  exit: Exit,
  { work, handle, detach }: Following,
  project: ProjectStore,
): Promise<Exit> {
  if (exit.state === 'succeeded') return exit;
  const result = await patiently(() => project.getResult(work.key), detach);
  const isItsOwn = result !== null && result.path === handle.path;
  return isItsOwn ? { state: 'succeeded', result, reason: exit.reason } : exit;
}

async function recordEnd(exit: Exit, following: Following, project: ProjectStore): Promise<void> {
  const { deps, work, handle, detach } = following;
  const { db } = deps;
  const attempt = { stagePath: work.path, number: handle.attempt };
  if (exit.state === 'succeeded') {
    const { wallSeconds, cpuSeconds, peakRssBytes } = exit.result;
    await patiently(() => keepResult(deps, work, exit.result), detach);
    await patiently(
      () =>
        db.attempts.finish({
          ...attempt,
          state: 'succeeded',
          wallSeconds,
          cpuSeconds,
          peakRssBytes,
        }),
      detach,
    );
    await patiently(() => project.dropCheckpoints(work.key), detach);
    return;
  }
  const wasCancelled = exit.state === 'failed' && exit.error.code === 'CANCELLED';
  const state = wasCancelled ? 'cancelled' : exit.state;
  await patiently(() => db.attempts.finish({ ...attempt, state, error: exit.error }), detach);
}

/** As it measured itself, or from its first word to its last; null while it goes on, or said nothing. */
function secondsOf(
  exit: Exit | undefined,
  { fromMs, toMs }: { fromMs?: number; toMs?: number },
): number | null {
  if (exit?.state === 'succeeded') return exit.result.wallSeconds;
  return exit && fromMs !== undefined && toMs !== undefined ? (toMs - fromMs) / 1000 : null;
}
