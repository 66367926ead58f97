// Runs whose workflow has ended without recording it (terminated by an operator) are closed, so that none runs for ever.
import type { Logger } from '@stillwatt/activities';
import { type Activities, runPath, StillwattError } from '@stillwatt/contracts';
import type { Database } from '@stillwatt/db';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';

const everyMs = 60_000;
const atOnce = 1000;

export interface Reconciler {
  /** One round; answers with how many runs were closed. */
  round(): Promise<number>;
  stop(): void;
}

export function startReconciler(
  db: Database,
  client: Client,
  activities: Pick<Activities, 'closeRun'>,
  log: Logger,
): Reconciler {
  async function round(): Promise<number> {
    let closed = 0;
    for (const { id, projectId, sweepId } of await db.runs.unfinished(atOnce)) {
      const status = await statusOf(client, runPath(id, sweepId));
      // A workflow records before it ends: one that is closed and has a row that is not, never will.
      if (status === 'RUNNING' || (await db.runs.get(id))?.finishedAt !== null) continue;
      const error = new StillwattError(
        'INTERNAL',
        `its workflow is gone (${status.toLowerCase()})`,
        {
          fix: 'start the run again',
        },
      );
      const state = status === 'TERMINATED' ? 'cancelled' : 'failed';
      await activities.closeRun({ projectId, runId: id, state, error: error.toBody() });
      log.warn({ runId: id, status }, 'closed a run whose workflow is gone');
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

async function statusOf(client: Client, workflowId: string): Promise<string> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'NOT_FOUND';
    throw error;
  }
}
