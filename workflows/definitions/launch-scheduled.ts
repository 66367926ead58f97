// One firing of a schedule: makes its ids, then a run or a sweep, and lasts as long, for the overlap policy's sake.
import {
  makeId,
  type RunInput,
  type ScheduledInput,
  type SweepInput,
  workflowNames,
} from '@stillwatt/contracts';
import { isSweep, sha256, singleRun } from '@stillwatt/search';
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
  const firing = sha256(`${scheduleId}/${workflowInfo().firstExecutionRunId}`);
  const owner = { projectId, requestedBy: null };
  const options = {
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
  };
  try {
    if (isSweep(spec)) {
      const sweepId = makeId('sweep', firing);
      const sweep: SweepInput = { ...owner, sweepId, scheduleId, spec };
      await executeChild(workflowNames.sweep, { ...options, workflowId: sweepId, args: [sweep] });
      return sweepId;
    }
    const runId = makeId('run', firing);
    const run: RunInput = { ...owner, runId, sweepId: null, cell: {}, spec: singleRun(spec) };
    await executeChild(workflowNames.run, { ...options, workflowId: runId, args: [run] });
    return runId;
  } catch (error) {
    throw isCancellation(error) ? error : failureOf(errorBodyOf(error));
  }
}
