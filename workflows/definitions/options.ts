// Every timeout and retry of the workflows, with its reason.
import { type ActivityOptions, ActivityCancellationType } from '@temporalio/workflow';

/**
 * Rows, look-ups and signals: milliseconds of work. 30 s hide a database that is being restarted from
 * the history; retried for ever, since a run must not be lost because PostgreSQL is down over night,
 * and at most 10 s apart, so that it goes on soon after. What can never succeed says so itself.
 */
export const bookkeeping: ActivityOptions = {
  startToCloseTimeout: '30 seconds',
  retry: {
    initialInterval: '200 milliseconds',
    backoffCoefficient: 2,
    maximumInterval: '10 seconds',
  },
};

/**
 * A look into the cache reads the whole output, some gigabytes at most: minutes on a slow disk. The
 * heartbeat tells of a host that went away, as that of a stage does.
 */
export const cacheLookUp: ActivityOptions = {
  ...bookkeeping,
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '20 seconds',
};

/**
 * One stage. It may train for weeks, so only the heartbeat tells whether its host lives: 20 s is ten
 * missed beats, rare under load and soon enough after a crash. Retried for ever for the same reason as
 * above; the activity itself counts lost processes and gives up on a stage that makes no headway.
 * Cancellation waits until the process is gone: nobody is told of an end that has not come.
 */
export const stageWork: ActivityOptions = {
  startToCloseTimeout: '60 days',
  heartbeatTimeout: '20 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: {
    initialInterval: '500 milliseconds',
    backoffCoefficient: 2,
    maximumInterval: '30 seconds',
  },
};

/** Stopping a process that nobody watches: it has 30 s for a last checkpoint before it is killed. */
export const stageStop: ActivityOptions = { ...bookkeeping, startToCloseTimeout: '2 minutes' };

/**
 * A waiting run asks again after this time. Needed only if somebody terminated the stage's workflow, which
 * then cannot tell anybody: asking starts it anew. Otherwise it only lengthens two histories, by a dozen
 * events: the pauses grow from 10 minutes to 6 hours, so that weeks of training stay far below the limits.
 * @param asked times it has asked so far, from 1
 */
export function askAgainAfterMs(asked: number): number {
  return Math.min(10 * 2 ** (asked - 1), 6 * 60) * 60_000;
}

/**
 * Runs started before a sweep goes on in a fresh history: each adds about ten events, so this stays
 * far below the server's limits, and the pause to let the last ones end is rare.
 */
export const runsPerHistory = 500;

/** Cells checked in one go: a tenth of a second or so, where the worker takes 2 s for a deadlock. */
export const cellsAtOnce = 1000;
