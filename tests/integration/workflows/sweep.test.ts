// Sweeps and schedules on a real Temporal server; stages are scripted.
import {
  queryNames,
  runPath,
  type ScheduledInput,
  signalNames,
  type SweepInput,
  type SweepProgress,
  taskQueue,
  workflowNames,
} from '@stillwatt/contracts';
import { firingId, sweepRunId } from '@stillwatt/search';
import { ScheduleOverlapPolicy, WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { experimentOf, freshId, runInputOf, sweepInputOf } from '../../support/inputs.ts';
import { activitiesOf, untilHeard } from '../../support/histories.ts';
import { type Script, scriptActivities } from '../../support/scripted-activities.ts';
import { startDevServer, type WorkflowServer } from '../../support/workflow-server.ts';

let server: WorkflowServer;
let script: Script;
let worker: { stop(): Promise<void> };
const project = freshId('project');

beforeAll(async () => {
  // Histories become full after this many events instead of 4096, so that a small sweep needs several.
  server = await startDevServer({ 'limit.historyCount.suggestContinueAsNew': '60' });
});
afterAll(() => server.stop());
beforeEach(async (test) => {
  script = scriptActivities(server.env.client, test.task.name);
  worker = await server.work(script.activities);
});
afterEach(() => worker.stop());

const start = (sweep: SweepInput) =>
  server.env.client.workflow.start(workflowNames.sweep, {
    taskQueue,
    workflowId: sweep.sweepId,
    args: [sweep],
  });
const inputOf = async (workflowId: string): Promise<unknown> => {
  const { events } = await server.env.client.workflow.getHandle(workflowId).fetchHistory();
  const started = events?.[0]?.workflowExecutionStartedEventAttributes;
  return JSON.parse(Buffer.from(started?.input?.payloads?.[0]?.data ?? '').toString());
};
const seeds = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
/** Runs that differ in nothing but their profiles' keys: everything else is cached after the first. */
const sameRuns = (n: number, parallel = 2) => ({
  sweep: { sampler: 'random', samples: n, over: { 'student.layers': [3] }, parallel },
});

describe('a sweep', () => {
  it('runs every cell, at most `parallel` at a time', async () => {
    const sweep = sweepInputOf(project, sameRuns(4));
    const result = (await (await start(sweep)).result()) as SweepProgress;
    expect(result).toMatchObject({ size: 4, started: 4, running: 0, succeeded: 4, failed: 0 });
    expect(script.open.most).toBe(2);
    expect([...script.runs.keys()].sort()).toEqual(
      seeds(4)
        .map((i) => sweepRunId(sweep.sweepId, i - 1))
        .sort(),
    );
    expect(script.sweeps.at(-1)).toMatchObject({ state: 'succeeded' });
  });

  it('goes on after a failed run and ends as failed', async () => {
    script.fail('distill', 'DIVERGED');
    const sweep = sweepInputOf(project, { seeds: seeds(3) });
    const result = (await (await start(sweep)).result()) as SweepProgress;
    expect(result).toMatchObject({ size: 3, failed: 3, succeeded: 0 });
    expect(script.sweeps.at(-1)).toMatchObject({ state: 'failed', error: null });
    expect([...script.runs.values()].map(({ error }) => error?.code)).toEqual(
      Array(3).fill('DIVERGED'),
    );
  });

  it('starts nothing while it is paused, and goes on when resumed', async () => {
    const release = script.hold('data');
    const sweep = sweepInputOf(project, sameRuns(3, 1));
    const handle = await start(sweep);
    await script.until(() => script.computed.length === 1);
    await handle.signal(signalNames.pause);
    await script.until(() => script.sweeps.at(-1)?.state === 'paused');
    release();
    await script.until(() => script.runs.size === 1);
    expect(await handle.query<SweepProgress>(queryNames.progress)).toMatchObject({
      state: 'paused',
      started: 1,
    });
    await handle.signal(signalNames.resume);
    await handle.result();
    expect(script.runs.size).toBe(3);
    expect(script.sweeps.map(({ state }) => state)).toEqual(['paused', 'running', 'succeeded']);
  });

  it('cancels its runs with it and records itself last', async () => {
    script.hold('data');
    const sweep = sweepInputOf(project, { seeds: seeds(5), data: { limit: 100 } });
    const handle = await start(sweep);
    await script.until(() => script.open.now === 2 && script.computed.length === 1);
    await handle.cancel();
    const error: unknown = await handle.result().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
    expect([...script.runs.values()].map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
    expect(script.sweeps).toMatchObject([{ state: 'cancelled' }]);
    await script.until(() => script.stopped.length === 1);
  });

  it('opens its row before it closes it, also when it is cancelled at that moment', async () => {
    const release = script.hold('openSweep');
    const handle = await start(sweepInputOf(project, { seeds: seeds(2) }));
    await script.until(() => script.opening === 1);
    await handle.cancel();
    await untilHeard(handle);
    release();
    await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
    expect(script.sweeps).toMatchObject([{ state: 'cancelled' }]);
    const calls = [
      'openSweep called',
      'openSweep ended',
      'recordSweep called',
      'recordSweep ended',
    ];
    expect(await activitiesOf(handle)).toEqual(calls);
  });

  it('counts a run that somebody cancelled and goes on', async () => {
    const release = script.hold('data');
    const sweep = sweepInputOf(project, sameRuns(2, 1));
    const handle = await start(sweep);
    await script.until(() => script.computed.length === 1);
    const first = runPath(sweepRunId(sweep.sweepId, 0), sweep.sweepId);
    await server.env.client.workflow.getHandle(first).cancel();
    await script.until(() => script.runs.size === 1);
    release();
    expect(await handle.result()).toMatchObject({ cancelled: 1, succeeded: 1, failed: 0 });
  });

  it('goes on in a new history with its counts, pause included, and starts no run twice', async () => {
    const sweep = sweepInputOf(project, sameRuns(12));
    const handle = await start(sweep);
    const first = handle.firstExecutionRunId;
    await script.until(() => script.runs.size >= 3);
    await handle.signal(signalNames.pause);
    await script.until(() => script.sweeps.at(-1)?.state === 'paused' && script.open.now === 0);
    const before = script.runs.size;
    await handle.signal(signalNames.resume);
    const result = (await handle.result()) as SweepProgress;
    expect(before).toBeLessThan(12);
    expect(result).toMatchObject({ size: 12, started: 12, succeeded: 12 });
    expect(script.runs.size).toBe(12);
    const last = await server.env.client.workflow.getHandle(sweep.sweepId).describe();
    expect(last.runId).not.toBe(first);
  });

  it('is refused with the cell that cannot be, before a run starts', async () => {
    const sweep = sweepInputOf(project, {
      student: { layers: 2, init: [0, 1] },
      sweep: { over: { 'student.layers': [2, 3] } },
    });
    const error: unknown = await (await start(sweep)).result().catch((thrown: unknown) => thrown);
    expect((error as WorkflowFailedError).cause).toMatchObject({ type: 'SPEC_INVALID' });
    expect(script.sweeps.at(-1)).toMatchObject({
      state: 'failed',
      error: { code: 'SPEC_INVALID', path: 'student.init' },
    });
    expect(script.open.most).toBe(0);
  });
});

describe('a schedule', () => {
  it('starts a run or a sweep of its own ids and lasts as long', async () => {
    const schedules: [ScheduledInput, string][] = [
      [{ projectId: project, scheduleId: freshId('schedule'), spec: experimentOf({}) }, 'run_'],
      [
        { projectId: project, scheduleId: freshId('schedule'), spec: experimentOf(sameRuns(2)) },
        'sweep_',
      ],
    ];
    for (const [input, prefix] of schedules) {
      const schedule = await server.env.client.schedule.create({
        scheduleId: input.scheduleId,
        spec: { cronExpressions: ['0 3 * * *'], timezone: 'Europe/Berlin' },
        policies: { overlap: ScheduleOverlapPolicy.SKIP },
        action: {
          type: 'startWorkflow',
          workflowType: workflowNames.scheduled,
          taskQueue,
          args: [input],
        },
      });
      await schedule.trigger();
      await script.until(() => script.open.now > 0);
      const { info } = await schedule.describe();
      const action = [...info.runningActions, ...info.recentActions.map(({ action: a }) => a)][0];
      const workflowId = action?.workflow.workflowId ?? '';
      const made: string = await server.env.client.workflow.getHandle(workflowId).result();
      expect(made).toMatch(new RegExp(`^${prefix}[0-9a-z]{12}$`));
      const executionId = action?.workflow.firstExecutionRunId ?? '';
      expect(made).toBe(firingId(input.spec, input.scheduleId, executionId));
      const run = prefix === 'run_' ? made : runPath(sweepRunId(made, 0), made);
      expect(await inputOf(run)).toMatchObject({ scheduleId: input.scheduleId });
      await schedule.delete();
    }
  });
});

it('refuses two runs of one id', async () => {
  const run = runInputOf(project, {});
  const options = { taskQueue, workflowId: run.runId, args: [run] };
  const client = server.env.client.workflow;
  const handle = await client.start(workflowNames.run, options);
  await expect(client.start(workflowNames.run, options)).rejects.toThrow('already');
  await handle.result();
});
