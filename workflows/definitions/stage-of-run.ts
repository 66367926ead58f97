// One stage as a run sees it: from the cache, or computed once for all who ask, and released when the run gives up.
import {
  type Activities,
  type Digest,
  runPath,
  type RunInput,
  type StageEnded,
  type StagePlan,
  signalNames,
  stagePath,
  type StageResult,
  type StageState,
  stageWorkflowId,
  type WaitSignal,
} from '@stillwatt/contracts';
import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  proxyActivities,
} from '@temporalio/workflow';
import { failureOf } from './errors.ts';
import { askAgainAfterMs, bookkeeping, cacheLookUp } from './options.ts';

const { keyStage, requestStage, recordStage } = proxyActivities<Activities>(bookkeeping);
const { findStage } = proxyActivities<Activities>(cacheLookUp);

/** What the run and its stages share. */
export interface RunContext {
  run: RunInput;
  threads: number;
  /** Outcomes that stage workflows have told, by stage name. */
  ended: ReadonlyMap<string, StageEnded['outcome']>;
  /** For the query. */
  note(stage: string, state: StageState): void;
}

/** The stage's result; fails with the stage's own error, and as cancelled when the run is. */
export async function stageOfRun(
  context: RunContext,
  plan: StagePlan,
  inputs: Record<string, Digest>,
): Promise<StageResult> {
  const { run, threads, ended, note } = context;
  const { projectId, runId, sweepId } = run;
  const path = stagePath(runId, sweepId, plan.name);
  const key = await keyStage({ projectId, runId, plan, inputs, threads });
  const row = { projectId, runId, path, key, ownerPath: null, result: null, error: null };

  const found = await findStage({ projectId, key });
  if (found) {
    await recordStage({ ...row, ...found, state: 'cached' });
    note(plan.name, 'cached');
    return found.result;
  }

  const { kind, config } = plan;
  const { memoryMiB } = run.spec.resources;
  const memory = memoryMiB === undefined ? {} : { memoryMiB };
  const work = { projectId, key, kind, path, config, inputs, threads, ...memory };
  const wait: WaitSignal = { workflowId: runPath(runId, sweepId), stage: plan.name };
  note(plan.name, 'queued');
  try {
    for (let asked = 1; !ended.has(plan.name); asked++) {
      // Not to be cancelled half-way: whether the stage knows of us must be known to release it.
      await CancellationScope.nonCancellable(() => requestStage({ runId, work, wait }));
      await condition(() => ended.has(plan.name), askAgainAfterMs(asked));
    }
  } catch (error) {
    // Cancelled, or the request failed, perhaps after the stage had heard of us.
    await CancellationScope.nonCancellable(() => release(key));
    throw error;
  }

  const outcome = ended.get(plan.name) as StageEnded['outcome'];
  if (outcome.state === 'succeeded') {
    const { result, ownerPath } = outcome;
    const state = ownerPath === path ? 'succeeded' : 'cached';
    await recordStage({ ...row, state, ownerPath, result });
    note(plan.name, state);
    return result;
  }
  const error = outcome.state === 'failed' ? outcome.error : cancelledError;
  await recordStage({ ...row, state: outcome.state, error });
  note(plan.name, outcome.state);
  throw failureOf(error);

  async function release(stageKey: string): Promise<void> {
    const handle = getExternalWorkflowHandle(stageWorkflowId(projectId, stageKey));
    // A stage that has ended in the meantime cannot be told, and need not be.
    await handle.signal(signalNames.release, wait).catch(() => undefined);
  }
}

const cancelledError = {
  code: 'CANCELLED',
  message: 'the stage was cancelled from outside of its runs',
  fix: 'start the run again',
  retryable: false,
} as const;
