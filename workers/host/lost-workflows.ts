// Runs and sweeps whose workflow has ended without recording it (terminated by an operator, vanished) are closed: none runs for ever.
import type { Logger } from '@stillwatt/activities';
import {
  type Activities,
  type ErrorBody,
  isFinal,
  isStillwattError,
  type RunDetail,
  runPath,
  signalNames,
  stageWorkflowId,
  StillwattError,
  type WaitSignal,
} from '@stillwatt/contracts';
import type { Database, Unfinished, UnfinishedRun } from '@stillwatt/db';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Chore } from './chores.ts';
import { isAway } from './temporal.ts';

/** Rows of one look into the database. */
const pageSize = 1000;

export interface LostDeps {
  db: Pick<Database, 'runs' | 'sweeps'>;
  client: Client;
  activities: Pick<Activities, 'closeRun' | 'recordSweep'>;
  log: Logger;
}

interface End {
  state: 'cancelled' | 'failed';
  error: ErrorBody;
}

export function closeLost(deps: LostDeps): Chore {
  return {
    name: 'close runs whose workflow is gone',
    everyMs: 60_000,
    work: (signal) => deps.client.withAbortSignal(signal, () => closeAllLost(deps)),
  };
}

/** One look at all that has not ended. What cannot be closed is told, and looked at again with the next round. */
export async function closeAllLost(deps: LostDeps): Promise<void> {
  const { db } = deps;
  for await (const run of every(db.runs.unfinished)) {
    await goingOn(deps, { runId: run.id }, () => closeRunIfLost(deps, run));
  }
  for await (const sweep of every(db.sweeps.unfinished)) {
    await goingOn(deps, { sweepId: sweep.id }, () => closeSweepIfLost(deps, sweep));
  }
}

async function closeRunIfLost(deps: LostDeps, { id, projectId, sweepId }: UnfinishedRun) {
  const { db, client, activities, log } = deps;
  const end = await endOf(client, runPath(id, sweepId));
  if (end === null) return;
  // A workflow records before it ends: if the row is still open now, it never will.
  const run = await db.runs.get(id);
  if (!run || isFinal(run.state)) return;
  await releaseStages(client, run);
  await activities.closeRun({ projectId, runId: id, ...end });
  log.warn({ runId: id }, `closed a run: ${end.error.message}`);
}

async function closeSweepIfLost(deps: LostDeps, { id, projectId }: Unfinished) {
  const { db, client, activities, log } = deps;
  const end = await endOf(client, id);
  if (end === null || (await db.sweeps.get(id))?.finishedAt !== null) return;
  await activities.recordSweep({ projectId, sweepId: id, ...end });
  log.warn({ sweepId: id }, `closed a sweep: ${end.error.message}`);
}

/** Page after page: those that go on for long hide none that came later. */
async function* every<T extends Unfinished>(
  pageAfter: (limit: number, after?: Unfinished) => Promise<T[]>,
): AsyncGenerator<T> {
  let page = await pageAfter(pageSize);
  while (page.length > 0) {
    yield* page;
    page = await pageAfter(pageSize, page.at(-1));
  }
}

/** One that cannot be closed keeps no other from it; where Temporal or the database is away, the round ends. */
async function goingOn(
  { log }: LostDeps,
  subject: object,
  close: () => Promise<void>,
): Promise<void> {
  try {
    await close();
  } catch (error) {
    if (isStillwattError(error) ? error.retryable : isAway(error)) throw error;
    log.warn({ ...subject, err: error }, 'cannot close what has lost its workflow');
  }
}

/** How a workflow ended that could not say so itself; null while it may go on. */
async function endOf(client: Client, workflowId: string): Promise<End | null> {
  switch (await statusOf(client, workflowId)) {
    case 'TERMINATED':
      return end('cancelled', 'CANCELLED', 'its workflow was terminated in Temporal');
    case 'TIMED_OUT':
    case 'COMPLETED':
    case 'FAILED':
    case 'CANCELLED':
      return end('failed', 'INTERNAL', 'its workflow ended without recording how');
    case 'NOT_FOUND':
      return end('failed', 'INTERNAL', 'Temporal no longer knows its workflow');
    default:
      return null;
  }
}

function end(state: End['state'], code: 'CANCELLED' | 'INTERNAL', message: string): End {
  return { state, error: new StillwattError(code, message, { fix: 'launch it again' }).toBody() };
}

async function statusOf(client: Client, workflowId: string): Promise<string> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'NOT_FOUND';
    throw error;
  }
}

/** Its stages would go on computing for a run that can no longer let go of them. */
async function releaseStages(client: Client, run: RunDetail): Promise<void> {
  const workflowId = runPath(run.id, run.sweepId);
  for (const { key, name, state } of run.stages) {
    if (key === null || isFinal(state)) continue;
    const waiter: WaitSignal = { workflowId, stage: name };
    const stage = client.workflow.getHandle(stageWorkflowId(run.projectId, key));
    await stage.signal(signalNames.release, waiter).catch((error: unknown) => {
      if (!(error instanceof WorkflowNotFoundError)) throw error; // it has ended
    });
  }
}
