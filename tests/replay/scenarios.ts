// What is recorded: each kind of workflow in each way it can go, on scripted stages.
import {
  type RunInput,
  runPath,
  signalNames,
  stageWorkflowId,
  taskQueue,
  workflowNames,
} from '@stillwatt/contracts';
import { sweepRunId } from '@stillwatt/search';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { experimentOf, freshId, runInputOf, sweepInputOf } from '../support/inputs.ts';
import type { Script } from '../support/scripted-activities.ts';

/** Plays one scenario; answers with the ids of the workflows whose histories are kept, by file name. */
export type Scenario = (client: Client, script: Script) => Promise<Record<string, string>>;

const project = freshId('project');

const start = (client: Client, name: string, workflowId: string, input: unknown) =>
  client.workflow.start(name, { taskQueue, workflowId, args: [input] });

const ended = (handle: WorkflowHandle) => handle.result().catch(() => undefined);

const startRun = (client: Client, run: RunInput) =>
  start(client, workflowNames.run, run.runId, run);

const sameRuns = (samples: number) => ({
  sweep: { sampler: 'random', samples, over: { 'student.layers': [3] }, parallel: 2 },
});

export const scenarios: Record<string, Scenario> = {
  async 'run and cache'(client, script) {
    const spec = { profile: { reuse: true } };
    const [first, second] = [runInputOf(project, spec), runInputOf(project, spec)];
    await ended(await startRun(client, first));
    await ended(await startRun(client, second));
    const stage = stageWorkflowId(project, script.requested[0]?.key ?? '');
    return { 'run-succeeded': first.runId, 'run-cached': second.runId, 'stage-succeeded': stage };
  },

  async 'failing stage'(client, script) {
    script.fail('distill', 'DIVERGED');
    const run = runInputOf(project, {});
    await ended(await startRun(client, run));
    const key = script.requested.find(({ path }) => path.endsWith('/distill'))?.key ?? '';
    return { 'run-failed': run.runId, 'stage-failed': stageWorkflowId(project, key) };
  },

  async 'cancelled run'(client, script) {
    script.hold('data');
    const run = runInputOf(project, {});
    const handle = await startRun(client, run);
    await script.until(() => script.computed.length === 1);
    await handle.cancel();
    await ended(handle);
    const stage = stageWorkflowId(project, script.requested[0]?.key ?? '');
    await ended(client.workflow.getHandle(stage));
    return { 'run-cancelled': run.runId, 'stage-released': stage };
  },

  async 'sweep with pause, a cancelled run and several histories'(client, script) {
    const sweep = sweepInputOf(project, sameRuns(8));
    const release = script.hold('data');
    const handle = await start(client, workflowNames.sweep, sweep.sweepId, sweep);
    await script.until(() => script.computed.length === 1);
    await handle.signal(signalNames.pause);
    await script.until(() => script.sweeps.at(-1)?.state === 'paused');
    const first = runPath(sweepRunId(sweep.sweepId, 0), sweep.sweepId);
    await client.workflow.getHandle(first).cancel();
    await script.until(() => script.runs.size === 1);
    release();
    await handle.signal(signalNames.resume);
    await ended(handle);
    const firstHistory = `${sweep.sweepId}#${handle.firstExecutionRunId}`;
    return { 'sweep-first': firstHistory, 'sweep-last': sweep.sweepId };
  },

  async 'cancelled sweep'(client, script) {
    script.hold('data');
    const sweep = sweepInputOf(project, { seeds: [1, 2, 3] });
    const handle = await start(client, workflowNames.sweep, sweep.sweepId, sweep);
    await script.until(() => script.computed.length === 1);
    await handle.cancel();
    await ended(handle);
    return { 'sweep-cancelled': sweep.sweepId };
  },

  async 'refused sweep'(client) {
    const sweep = sweepInputOf(project, {
      student: { layers: 2, init: [0, 1] },
      sweep: { over: { 'student.layers': [2, 3] } },
    });
    await ended(await start(client, workflowNames.sweep, sweep.sweepId, sweep));
    return { 'sweep-refused': sweep.sweepId };
  },

  async 'fired schedule'(client) {
    const scheduleId = freshId('schedule');
    const input = { projectId: project, scheduleId, spec: experimentOf({}) };
    const workflowId = `${scheduleId}-fired`;
    await ended(await start(client, workflowNames.scheduled, workflowId, input));
    return { 'scheduled-run': workflowId };
  },
};
