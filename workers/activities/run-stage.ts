// The activity that runs one stage: starts its process or goes on watching it, until it has ended.
import {
  type Activities,
  type Digest,
  type StageHeartbeat,
  stageHeartbeatSchema,
  type StageResult,
  StillwattError,
  type StageWorkInput,
  stageWorkInputSchema,
} from '@stillwatt/contracts';
import type { Handle } from '@stillwatt/executors';
import { CancelledFailure, Context } from '@temporalio/activity';
import { checkHeadway, chooseAttempt, vanished } from './attempts.ts';
import { createControl } from './control.ts';
import type { ActivityDeps } from './deps.ts';
import { beating } from './heartbeat.ts';
import { patiently } from './patience.ts';
import { followAttempt, keepResult } from './stage-process.ts';

export function createStageActivities(
  deps: ActivityDeps,
): Pick<Activities, 'runStage' | 'stopStage'> {
  const { db, store, executor, log } = deps;

  return {
    async runStage(input) {
      const work = stageWorkInputSchema.parse(input);
      const context = Context.current();
      const earlier =
        stageHeartbeatSchema.safeParse(context.info.heartbeatDetails ?? null).data ?? null;
      const beat: StageHeartbeat = earlier ?? { checkpoint: null };
      const control = createControl(context);
      try {
        return await beating(() => runToItsEnd(work, beat, control), beat);
      } finally {
        control.close();
      }
    },

    async stopStage(input) {
      const work = stageWorkInputSchema.parse(input);
      const handle = await executor.find(work.path);
      const chosen = chooseAttempt(await db.attempts.list(work.path), handle);
      if (!('watch' in chosen)) return;
      log.info({ path: work.path, attempt: chosen.watch.attempt }, 'stops an unwatched stage');
      await chosen.watch.cancel();
      const detach = Context.current().cancellationSignal;
      await followAttempt({ deps, work, handle: chosen.watch, detach });
    },
  };

  async function runToItsEnd(
    work: StageWorkInput,
    beat: StageHeartbeat,
    control: ReturnType<typeof createControl>,
  ): Promise<StageResult> {
    for (;;) {
      const found = await findOrStart(work, beat, control);
      if ('result' in found) return found.result;
      const { handle } = found;
      control.attach(handle);
      const exit = await followAttempt({
        deps,
        work,
        handle,
        detach: control.detach,
        onCheckpoint: (digest) => (beat.checkpoint = digest),
      }).catch(async (error: unknown) => {
        // What cannot be told must not go on computing unseen.
        if (!control.detach.aborted) await handle.cancel();
        throw error;
      });
      if (exit.state === 'succeeded') return exit.result;
      if (control.isCancelRequested()) throw new CancelledFailure('the stage was cancelled');
      // Stopped on behalf of an earlier request; now the result is wanted again.
      if (exit.state === 'failed' && exit.error.code === 'CANCELLED') continue;
      const { code, message, fix, path, retryable } = exit.error;
      throw new StillwattError(code, message, {
        retryable: retryable || exit.state === 'lost',
        ...(fix === undefined ? {} : { fix }),
        ...(path === undefined ? {} : { path }),
      });
    }
  }

  /** The attempt that runs or has not been told to its end; else the stored result; else a new attempt. */
  async function findOrStart(
    work: StageWorkInput,
    beat: StageHeartbeat,
    control: ReturnType<typeof createControl>,
  ): Promise<{ handle: Handle } | { result: StageResult }> {
    const { path, projectId, key, kind, config, inputs, threads, memoryMiB } = work;
    const { signal } = control;
    const latest = await executor.find(path);
    const rows = await patiently(() => db.attempts.list(path), signal);
    const chosen = chooseAttempt(rows, latest);
    if ('watch' in chosen) return { handle: chosen.watch };

    for (const { number } of vanished(rows, latest)) {
      const error = new StillwattError('STAGE_CRASHED', 'its process is gone', { retryable: true });
      const end = { stagePath: path, number, state: 'lost' as const, error: error.toBody() };
      await patiently(() => db.attempts.finish(end), signal);
    }
    const stored = await patiently(() => store.project(projectId).getResult(key), signal);
    if (stored) return { result: await patiently(() => keepResult(deps, work, stored), signal) };

    const last = await patiently(() => store.project(projectId).lastCheckpoint(key), signal);
    const resumeFrom: Digest | null = last?.digest ?? null;
    checkHeadway(rows, resumeFrom);
    beat.checkpoint = resumeFrom;
    const handle = await executor.start({
      input: { path, projectId, key, kind, config, inputs, threads, resumeFrom },
      attempt: chosen.start,
      memoryMiB,
      signal,
    });
    log.info({ path, key, attempt: handle.attempt, resumeFrom }, 'stage process started');
    return { handle };
  }
}
