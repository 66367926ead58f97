// Runs and sweeps whose workflow was terminated or vanished, with a real Temporal server and a real PostgreSQL.
import {
  isFinal,
  planStages,
  type RunInput,
  runPath,
  signalNames,
  stageWorkflowId,
  type SweepInput,
  taskQueue,
  workflowNames,
} from '@stillwatt/contracts';
import { defaultPayloadConverter } from '@temporalio/common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRecordActivities } from '../../../workers/activities/record.ts';
import { closeAllLost } from '../../../workers/host/lost-workflows.ts';
import { startDatabase, type TestDatabase } from '../../support/database.ts';
import { runInputOf, sweepInputOf } from '../../support/inputs.ts';
import { startDevServer, type WorkflowServer } from '../../support/workflow-server.ts';

// No worker: a workflow that was started stays where it is until somebody ends it.
let server: WorkflowServer;
let test: TestDatabase;
beforeAll(async () => {
  [server, test] = await Promise.all([startDevServer(), startDatabase()]);
});
afterAll(async () => {
  await server?.stop();
  await test?.stop();
});

const workflows = () => server.env.client.workflow;
const look = () =>
  closeAllLost({
    db: test.db,
    client: server.env.client,
    activities: createRecordActivities({
      db: test.db,
      telemetry: { cacheHit: () => undefined } as never,
    }),
    log: { info: () => undefined, warn: () => undefined },
  });
const start = (type: string, workflowId: string, input: unknown) =>
  workflows().start(type, { taskQueue, workflowId, args: [input] });

/** A run with its rows, as its first activity leaves it; `isKnown` also to Temporal. */
async function openRun(isKnown: boolean, sweepId: string | null = null): Promise<RunInput> {
  const run = { ...runInputOf(test.projectId, {}), sweepId };
  if (isKnown) await start(workflowNames.run, runPath(run.runId, sweepId), run);
  await test.db.runs.insert(run, planStages(run.spec));
  await test.db.runs.setState(run.runId, { state: 'running' });
  return run;
}

async function openSweep(isKnown: boolean): Promise<SweepInput> {
  const sweep = sweepInputOf(test.projectId, { seeds: [1, 2] });
  if (isKnown) await start(workflowNames.sweep, sweep.sweepId, sweep);
  await test.db.sweeps.insert(sweep, { planned: 2, scheduleId: null });
  return sweep;
}

it('closes runs whose workflow was terminated or vanished, and leaves the others alone', async () => {
  const sweep = await openSweep(true);
  const terminated = await openRun(true);
  const ofSweep = await openRun(true, sweep.sweepId);
  const vanished = await openRun(false);
  const going = [await openRun(true), await openRun(true, sweep.sweepId)];
  await workflows().getHandle(terminated.runId).terminate('an operator');
  await workflows().getHandle(runPath(ofSweep.runId, sweep.sweepId)).terminate('an operator');

  await look();
  const cancelled = { state: 'cancelled', error: { code: 'CANCELLED', fix: 'launch it again' } };
  const rows = new Map([
    [terminated, cancelled],
    [ofSweep, cancelled],
    [vanished, { state: 'failed', error: { code: 'INTERNAL', fix: 'launch it again' } }],
  ]);
  for (const [{ runId }, row] of rows) {
    const run = await test.db.runs.get(runId);
    expect(run).toMatchObject({ ...row, finishedAt: expect.any(String) });
    expect(run?.stages.every(({ state }) => isFinal(state))).toBe(true);
  }
  for (const { runId } of going) {
    expect(await test.db.runs.get(runId)).toMatchObject({ state: 'running', finishedAt: null });
  }
  const left = (await test.db.runs.unfinished(100)).map(({ id }) => id);
  expect(left.sort()).toEqual(going.map(({ runId }) => runId).sort());
});

it('closes sweeps whose workflow was terminated or vanished, and leaves a running one alone', async () => {
  const [terminated, vanished, going] = [
    await openSweep(true),
    await openSweep(false),
    await openSweep(true),
  ];
  await workflows().getHandle(terminated.sweepId).terminate('an operator');
  await look();
  expect(await test.db.sweeps.get(terminated.sweepId)).toMatchObject({ state: 'cancelled' });
  expect(await test.db.sweeps.get(vanished.sweepId)).toMatchObject({ state: 'failed' });
  expect(await test.db.sweeps.get(going.sweepId)).toMatchObject({
    state: 'running',
    finishedAt: null,
  });
});

it('lets go of the stages of a terminated run, so that none computes for nobody', async () => {
  const run = await openRun(true);
  const path = (name: string) => `${run.runId}/${name}`;
  const stage = await start(workflowNames.stage, stageWorkflowId(run.projectId, 'data-key'), {});
  await test.db.stages.setState(path('data'), { state: 'queued', key: 'data-key' });
  // One whose workflow has ended, and one that never asked for any.
  await test.db.stages.setState(path('teacher'), { state: 'queued', key: 'teacher-key' });
  await workflows().getHandle(run.runId).terminate('an operator');
  await look();
  const { events } = await stage.fetchHistory();
  const signals = (events ?? []).flatMap((event) => {
    const signal = event.workflowExecutionSignaledEventAttributes;
    if (!signal) return [];
    const payload = signal.input?.payloads?.[0];
    return [[signal.signalName, payload && defaultPayloadConverter.fromPayload(payload)]];
  });
  expect(signals).toEqual([[signalNames.release, { workflowId: run.runId, stage: 'data' }]]);
  expect(await test.db.runs.get(run.runId)).toMatchObject({ state: 'cancelled' });
});
