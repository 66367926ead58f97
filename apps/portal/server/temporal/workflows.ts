// Starts, signals and asks workflows by name; never imports them.
import {
  type ErrorBody,
  queryNames,
  type RunInput,
  runInputSchema,
  runPath,
  type RunProgress,
  runProgressSchema,
  signalNames,
  StillwattError,
  type SweepInput,
  sweepInputSchema,
  taskQueue,
  workflowNames,
} from '@stillwatt/contracts';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { z } from 'zod';
import { call, isNotFound } from './call.ts';

export type WorkflowStatus = 'running' | 'succeeded' | 'failed' | 'cancelled';

/** A run or sweep that Temporal knows, as it was started: the database may not have its row yet. */
export interface Pending<T> {
  input: T;
  startedAt: string;
  status: WorkflowStatus;
}

/** Why something that has no row failed. */
export function endedUnrecorded(noun: 'run' | 'sweep', id: string): ErrorBody {
  return {
    code: 'INTERNAL',
    message: `the ${noun} ended before it was recorded`,
    fix: `look for workflow ${id} in Temporal`,
    retryable: false,
  };
}

export interface Workflows {
  startRun(input: RunInput): Promise<void>;
  startSweep(input: SweepInput): Promise<void>;
  pendingRun(runId: string): Promise<Pending<RunInput> | null>;
  pendingSweep(sweepId: string): Promise<Pending<SweepInput> | null>;
  /** Null if no worker answers within a moment. */
  progress(runId: string): Promise<RunProgress | null>;
  /** @throws StillwattError CONFLICT if it has ended. */
  cancelRun(runId: string, sweepId: string | null): Promise<void>;
  cancelSweep(sweepId: string): Promise<void>;
  signalSweep(sweepId: string, signal: 'pause' | 'resume'): Promise<void>;
}

export function createWorkflows(client: Client): Workflows {
  async function start(type: string, workflowId: string, input: RunInput | SweepInput) {
    await call(client, () =>
      client.workflow.start(type, {
        taskQueue,
        workflowId,
        args: [input],
        // What the first activity will write as a row, for whoever looks before it has.
        memo: { input },
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
      }),
    );
  }

  async function pending<T>(workflowId: string, schema: z.ZodType<T>): Promise<Pending<T> | null> {
    try {
      const found = await call(client, () => client.workflow.getHandle(workflowId).describe());
      const input = schema.safeParse(found.memo?.['input']);
      if (!input.success) return null;
      return {
        input: input.data,
        startedAt: found.startTime.toISOString(),
        status: statusOf(found),
      };
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  async function whileOpen(workflowId: string, act: () => Promise<unknown>): Promise<void> {
    try {
      await call(client, act);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      throw new StillwattError('CONFLICT', `${workflowId} has ended already`, {
        fix: 'reload the page to see how',
        cause: error,
      });
    }
  }

  return {
    startRun: (input) => start(workflowNames.run, runPath(input.runId, input.sweepId), input),
    startSweep: (input) => start(workflowNames.sweep, input.sweepId, input),
    pendingRun: (runId) => pending(runId, runInputSchema),
    pendingSweep: (sweepId) => pending(sweepId, sweepInputSchema),
    async progress(runId) {
      try {
        const handle = client.workflow.getHandle(runId);
        const answer = await call(client, () => handle.query(queryNames.progress), 1500);
        return runProgressSchema.parse(answer);
      } catch {
        // No worker, or one that has not come so far: the page shows the plan instead.
        return null;
      }
    },
    cancelRun: (runId, sweepId) => {
      const id = runPath(runId, sweepId);
      return whileOpen(id, () => client.workflow.getHandle(id).cancel());
    },
    cancelSweep: (id) => whileOpen(id, () => client.workflow.getHandle(id).cancel()),
    signalSweep: (id, signal) =>
      whileOpen(id, () => client.workflow.getHandle(id).signal(signalNames[signal])),
  };
}

/** What has no entry goes on: running, paused or continued as new. */
const ended: Partial<Record<string, WorkflowStatus>> = {
  COMPLETED: 'succeeded',
  CANCELLED: 'cancelled',
  FAILED: 'failed',
  TERMINATED: 'failed',
  TIMED_OUT: 'failed',
};

function statusOf({ status }: WorkflowExecutionDescription): WorkflowStatus {
  return ended[status.name] ?? 'running';
}
