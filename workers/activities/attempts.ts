// Which attempt of a stage to watch or to start, judged by what runs and what is written down.
import { type AttemptView, type Digest, isFinal, StillwattError } from '@stillwatt/contracts';
import type { Handle } from '@stillwatt/executors';

/** Processes that may go away in a row without a new checkpoint before the stage is given up. */
const lossesWithoutHeadway = 5;

/**
 * The executor knows what was started, the rows what was told to the end: an attempt that is not is
 * watched (again), whether it still runs or not. Otherwise answers with the number of the next one.
 */
export function chooseAttempt(
  rows: readonly AttemptView[],
  latest: Handle | null,
): { watch: Handle } | { start: number } {
  if (latest) {
    const row = rows.find(({ number }) => number === latest.attempt);
    if (!row || !isFinal(row.state)) return { watch: latest };
  }
  return { start: 1 + Math.max(0, latest?.attempt ?? 0, ...rows.map(({ number }) => number)) };
}

/** Attempts whose process the executor no longer knows: the machine or its folder is gone. */
export function vanished(rows: readonly AttemptView[], latest: Handle | null): AttemptView[] {
  return rows.filter((row) => !isFinal(row.state) && row.number !== latest?.attempt);
}

/**
 * Before a new attempt, so that one whose row is still open is one that vanished.
 * @throws StillwattError STAGE_CRASHED if the last attempts were lost and brought the stage no further.
 */
export function checkHeadway(rows: readonly AttemptView[], resumeFrom: Digest | null): void {
  let losses = 0;
  for (const row of rows.toReversed()) {
    const wasLost =
      !isFinal(row.state) ||
      row.state === 'lost' ||
      (row.state === 'failed' && row.error?.retryable);
    if (!wasLost || row.resumedFrom !== resumeFrom) break;
    losses++;
  }
  if (losses < lossesWithoutHeadway) return;
  const reason = rows.at(-1)?.error?.message ?? 'no reason known';
  throw new StillwattError(
    'STAGE_CRASHED',
    `the stage process went away ${losses} times without a new checkpoint (last: ${reason})`,
    { fix: 'look at the logs of its attempts and at the memory of the machine' },
  );
}
