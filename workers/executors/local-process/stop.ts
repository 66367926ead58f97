// Ends an attempt: a polite signal, a grace period, then SIGKILL for the whole group.
import { type AttemptState, inspectAttempt, noteStop, type StopCause } from './attempt-folder.ts';
import { waitForEnd } from './conclude.ts';
import { signalGroup } from './processes.ts';
import { watchFolder } from './watch.ts';

/** Resolves when the attempt is gone; at once if it already was. */
export async function stopAttempt(
  folder: string,
  cause: StopCause,
  graceMs: number,
): Promise<void> {
  const state = await settledState(folder);
  if (state.state === 'ended') return;
  noteStop(folder, cause);
  if (state.state === 'running') signalGroup(state.leader, folder, 'SIGTERM');
  if (await endsWithin(folder, graceMs)) return;
  const late = inspectAttempt(folder);
  if (late.state === 'running') signalGroup(late.leader, folder, 'SIGKILL');
  await waitForEnd(folder);
}

/** Its state once the launcher has said who it is. */
async function settledState(folder: string): Promise<AttemptState> {
  const watch = watchFolder(folder);
  try {
    for (;;) {
      const state = inspectAttempt(folder);
      if (state.state !== 'starting') return state;
      await watch.next();
    }
  } finally {
    watch.close();
  }
}

async function endsWithin(folder: string, limitMs: number): Promise<boolean> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    await waitForEnd(folder, limit);
    return true;
  } catch (error) {
    if (limit.aborted) return false;
    throw error;
  }
}
