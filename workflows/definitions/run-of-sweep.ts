// One run of a sweep, as a child: started under its own id, waited for, its end in one word.
import { type RunInput, runPath, type SweepInput, workflowNames } from '@stillwatt/contracts';
import { type SweepPlan, sweepRunId } from '@stillwatt/search';
import {
  ChildWorkflowCancellationType,
  executeChild,
  isCancellation,
  log,
  ParentClosePolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import { errorBodyOf } from './errors.ts';

/** Never throws: one run's end, whatever it is, stops no other. Cancelled with the sweep, it is waited for. */
export async function endOfRun(
  sweep: SweepInput,
  plan: SweepPlan,
  index: number,
): Promise<'succeeded' | 'failed' | 'cancelled'> {
  const { projectId, requestedBy, scheduleId, sweepId } = sweep;
  const runId = sweepRunId(sweepId, index);
  try {
    const owner = { projectId, requestedBy, scheduleId };
    const run: RunInput = { ...owner, runId, sweepId, ...plan.cell(index) };
    await executeChild(workflowNames.run, {
      workflowId: runPath(runId, sweepId),
      args: [run],
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    });
    return 'succeeded';
  } catch (error) {
    if (isCancellation(error)) return 'cancelled';
    const { code, message } = errorBodyOf(error);
    log.warn('a run of the sweep failed', { runId, index, code, error: message });
    return 'failed';
  }
}
