// One run as its page shows it: from its rows, or from Temporal until they are written.
import {
  planStages,
  type RunDetail,
  type RunInput,
  type RunProgress,
  type RunState,
  type StageView,
  stagePath,
} from '@stillwatt/contracts';
import type { Services } from '../services.ts';
import { endedUnrecorded, type Pending } from '../temporal/workflows.ts';

/** Null if neither the database nor Temporal knows it. */
export async function loadRun(
  { db, temporal }: Services,
  runId: string,
): Promise<RunDetail | null> {
  const run = await db.runs.get(runId);
  if (run) return run;
  const pending = await temporal.pendingRun(runId);
  if (!pending) return null;
  const { projectId, requestedBy } = pending.input;
  const [progress, lastEventId, person] = await Promise.all([
    temporal.progress(runId),
    db.live.lastId(projectId),
    requestedBy === null ? null : db.users.get(requestedBy),
  ]);
  return pendingRun(pending, progress, lastEventId, person);
}

/** What the first activity is about to write. */
function pendingRun(
  { input, startedAt, status }: Pending<RunInput>,
  progress: RunProgress | null,
  lastEventId: string,
  requestedBy: RunDetail['requestedBy'],
): RunDetail {
  const { runId, sweepId, projectId, cell, spec } = input;
  const known = new Map(progress?.stages.map(({ name, state }) => [name, state]));
  const state: RunState = status === 'running' ? 'queued' : status;
  return {
    id: runId,
    projectId,
    sweepId,
    experiment: spec.experiment,
    cell,
    seed: spec.seed,
    state,
    task: spec.data.task,
    attention: spec.student.attention,
    createdAt: startedAt,
    startedAt: null,
    finishedAt: null,
    requestedBy,
    // What a schedule starts says nothing of itself before its row is there.
    schedule: null,
    progress: 0,
    etaSeconds: null,
    models: [],
    error: state === 'failed' ? endedUnrecorded('run', runId) : null,
    spec,
    stages: planStages(spec).map((plan) => ({
      ...emptyStage,
      path: stagePath(runId, sweepId, plan.name),
      name: plan.name,
      kind: plan.kind,
      model: plan.model,
      state: known.get(plan.name) ?? 'waiting',
    })),
    lastEventId,
  };
}

const emptyStage: Omit<StageView, 'path' | 'name' | 'kind' | 'model' | 'state'> = {
  key: null,
  ownerPath: null,
  startedAt: null,
  finishedAt: null,
  phase: null,
  done: null,
  total: null,
  unit: null,
  ratePerSecond: null,
  etaSeconds: null,
  attempts: [],
  output: null,
  summary: null,
  provenance: null,
  error: null,
};
