// Waits for the database and the store to come back instead of losing what a stage said.
import { setTimeout as sleep } from 'node:timers/promises';
import { isStillwattError } from '@stillwatt/contracts';

const firstPauseMs = 100;
const longestPauseMs = 5000;

/** Does `work` again while it fails for reasons that pass; aborting ends the waiting with AbortError. */
export async function patiently<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let pause = firstPauseMs; ; pause = Math.min(2 * pause, longestPauseMs)) {
    try {
      return await work();
    } catch (error) {
      if (!isStillwattError(error) || !error.retryable) throw error;
      await sleep(pause, undefined, signal ? { signal } : {});
    }
  }
}
