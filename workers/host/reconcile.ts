// Runs and sweeps whose workflow has ended without recording it (terminated by an operator) are closed: none runs for ever.
import type { Logger } from '@stillwatt/activities';
import { type Activities, runPath, StillwattError } from '@stillwatt/contracts';
import type { Database } from '@stillwatt/db';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';

const everyMs = 60_000;
const atOnce = 1000;

export interface Reconciler {
  /** One round; answers with how many were closed. */
  round(): Promise<number>;
  stop(): void;
}

export function startReconciler(
  db: Database,
  client: Client,
  activities: Pick<Activities, 'closeRun' | 'recordSweep'>,
  log: Logger,
): Reconciler {
  async function round(): Promise<number> {
    let closed = 0;
    for (const { id, projectId, sweepId } of await db.runs.unfinished(atOnce)) {
      const end = await endOf(client, runPath(id, sweepId));
      // A workflow records before it ends: one that is closed and has a row that is not, never will.
      if (end === null || (await db.runs.get(id))?.finishedAt !== null) continue;
      await activities.closeRun({ projectId, runId: id, ...end });
      log.warn({ runId: id }, `closed a run: ${end.error.message}`);
      closed++;
    }
    for (const { id, projectId } of await db.sweeps.unfinished(atOnce)) {
      const end = await endOf(client, id);
      if (end === null || (await db.sweeps.get(id))?.finishedAt !== null) continue;
      await activities.recordSweep({ projectId, sweepId: id, ...end });
      log.warn({ sweepId: id }, `closed a sweep: ${end.error.message}`);
      closed++;
    }
    return closed;
  }

  const attempt = (): void => {
    round().catch((error: unknown) => log.warn({ error: String(error) }, 'no look at old runs'));
  };
  attempt();
  const timer = setInterval(attempt, everyMs);
  return { round, stop: () => clearInterval(timer) };
}

/** How a workflow ended that could not say so itself; null while it runs. */
async function endOf(client: Client, workflowId: string) {
  const status = await statusOf(client, workflowId);
  if (status === 'RUNNING') return null;
  const error = new StillwattError('INTERNAL', `its workflow is gone (${status.toLowerCase()})`, {
    fix: 'launch it again',
  }).toBody();
  return { state: status === 'TERMINATED' ? 'cancelled' : 'failed', error } as const;
}

async function statusOf(client: Client, workflowId: string): Promise<string> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'NOT_FOUND';
    throw error;
  }
}
