// One firing of a schedule: makes its ids, then a run or a sweep, and lasts as long, for the overlap policy's sake.
import {
  type RunInput,
  type ScheduledInput,
  type SweepInput,
  workflowNames,
} from '@stillwatt/contracts';
import { firingId, isSweep, singleRun } from '@stillwatt/search';
import {
  ChildWorkflowCancellationType,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  workflowInfo,
} from '@temporalio/workflow';
import { errorBodyOf, failureOf } from './errors.ts';

/** Ends as the run or sweep does; its id is the result. */
export async function launchScheduled(input: ScheduledInput): Promise<string> {
  const { projectId, scheduleId, spec } = input;
  const id = firingId(spec, scheduleId, workflowInfo().firstExecutionRunId);
  const owner = { projectId, requestedBy: null, scheduleId };
  const options = {
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
  };
  try {
    if (isSweep(spec)) {
      const sweep: SweepInput = { ...owner, sweepId: id, spec };
      await executeChild(workflowNames.sweep, { ...options, workflowId: id, args: [sweep] });
    } else {
      const run: RunInput = { ...owner, runId: id, sweepId: null, cell: {}, spec: singleRun(spec) };
      await executeChild(workflowNames.run, { ...options, workflowId: id, args: [run] });
    }
    return id;
  } catch (error) {
    throw isCancellation(error) ? error : failureOf(errorBodyOf(error));
  }
}
