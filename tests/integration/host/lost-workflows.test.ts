// Runs and sweeps whose workflow was terminated or vanished, with a real Temporal server and a real PostgreSQL.
import {
  isFinal,
  planStages,
  type RunInput,
  runPath,
  signalNames,
  stageWorkflowId,
  type StageWorkInput,
  StillwattError,
  type SweepInput,
  taskQueue,
  workflowNames,
} from '@stillwatt/contracts';
import { defaultPayloadConverter } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Unfinished } from '@stillwatt/db';
import { createRecordActivities } from '../../../workers/activities/record.ts';
import { closeAllLost, type LostDeps } from '../../../workers/host/lost-workflows.ts';
import { createStageStarter } from '../../../workers/host/temporal.ts';
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
const look = (changes: Partial<LostDeps> = {}) =>
  closeAllLost({ ...depsOf(test), client: server.env.client, ...changes });
const depsOf = ({ db }: TestDatabase): Omit<LostDeps, 'client'> => ({
  db,
  activities: createRecordActivities({ db, telemetry: { cacheHit: () => undefined } as never }),
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
  await test.db.sweeps.insert(sweep, { planned: 2 });
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

it('looks at every page, and one that cannot be closed keeps no other from it', async () => {
  const runs = [await openRun(false), await openRun(false), await openRun(false)];
  const sweeps = [await openSweep(false), await openSweep(false)];
  const { db, activities, log } = depsOf(test);
  const oneByOne = {
    runs: {
      ...db.runs,
      unfinished: (_: number, after?: Unfinished) => db.runs.unfinished(1, after),
    },
    sweeps: {
      ...db.sweeps,
      unfinished: (_: number, after?: Unfinished) => db.sweeps.unfinished(1, after),
    },
  };
  const stuck = runs[0]?.runId;
  const warned: object[] = [];
  await look({
    db: oneByOne,
    activities: {
      ...activities,
      closeRun: async (end) => {
        if (end.runId === stuck) throw new StillwattError('INTERNAL', 'a row that cannot be');
        await activities.closeRun(end);
      },
    },
    log: { ...log, warn: (fields) => void warned.push(fields) },
  });
  const states = await Promise.all(runs.map(({ runId }) => db.runs.get(runId)));
  expect(states.map((run) => run?.state)).toEqual(['running', 'failed', 'failed']);
  for (const { sweepId } of sweeps) {
    expect(await db.sweeps.get(sweepId)).toMatchObject({ state: 'failed' });
  }
  expect(warned).toContainEqual({ runId: stuck, err: expect.any(StillwattError) });
});

it('ends its round where the database is away', async () => {
  await openRun(false);
  const away = new StillwattError('STORAGE_UNAVAILABLE', 'away', { retryable: true });
  const { db } = depsOf(test);
  const get = () => Promise.reject(away);
  await expect(look({ db: { ...db, runs: { ...db.runs, get } } })).rejects.toBe(away);
});

describe('asking for a stage', () => {
  const wait = { workflowId: 'run_1', stage: 'data' };
  const work = (config: Record<string, unknown>): StageWorkInput => ({
    ...{ projectId: test.projectId, key: 'data-asked', kind: 'data', path: 'run_1/data' },
    ...{ config, inputs: {}, threads: 1 },
  });

  it('tells whose path it is on', async () => {
    const starter = createStageStarter(server.env.client);
    expect(await starter.ask(work({}), wait)).toEqual({ ownerPath: 'run_1/data' });
    expect(await starter.ask({ ...work({}), path: 'run_2/data' }, wait)).toEqual({
      ownerPath: 'run_1/data',
    });
  });

  it('is not repeated where Temporal refuses: the run ends, and says why', async () => {
    const tooLarge = work({ text: 'x'.repeat(3e6) });
    await expect(createStageStarter(server.env.client).ask(tooLarge, wait)).rejects.toMatchObject({
      ...{ code: 'INTERNAL', retryable: false },
      message: expect.stringContaining('Temporal refuses a stage: '),
    });
  });
});
