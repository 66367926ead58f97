// What only shows after many minutes: the test server lets them pass.
import { taskQueue, workflowNames } from '@stillwatt/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshId, runInputOf } from '../../support/inputs.ts';
import { scriptActivities } from '../../support/scripted-activities.ts';
import { startTimeSkippingServer, type WorkflowServer } from '../../support/workflow-server.ts';

let server: WorkflowServer;
beforeAll(async () => {
  server = await startTimeSkippingServer();
});
afterAll(() => server.stop());

it('asks again for a stage whose workflow is gone and could tell nobody', async () => {
  const { client } = server.env;
  const script = scriptActivities(client, 'gone');
  const { requestStage } = script.activities;
  let asked = 0;
  const worker = await server.work({
    ...script.activities,
    // As if the first one's workflow had been terminated right after it was asked.
    requestStage: async (input) =>
      asked++ === 0 ? { ownerPath: input.work.path } : requestStage(input),
  });
  const run = runInputOf(freshId('project'), {});
  const handle = await client.workflow.start(workflowNames.run, {
    taskQueue,
    workflowId: run.runId,
    args: [run],
  });
  const before = await server.env.currentTimeMs();
  await handle.result();
  const minutes = ((await server.env.currentTimeMs()) - before) / 60_000;
  await worker.stop();
  expect(minutes).toBeGreaterThan(9);
  expect(script.runs.get(run.runId)?.state).toBe('succeeded');
  expect(script.computed.filter((path) => path.endsWith('/data'))).toHaveLength(1);
});

it('asks ever more seldom, so that weeks of training do not fill its history', async () => {
  const { client } = server.env;
  const script = scriptActivities(client, 'long');
  const { requestStage } = script.activities;
  const began = await server.env.currentTimeMs();
  const week = 7 * 24 * 3600_000;
  let asked = 0;
  const worker = await server.work({
    ...script.activities,
    // Whoever computes it takes a week.
    requestStage: async (input) => {
      asked++;
      const isOver = (await server.env.currentTimeMs()) - began > week;
      return isOver ? requestStage(input) : { ownerPath: input.work.path };
    },
  });
  const run = runInputOf(freshId('project'), { seed: 2 });
  const handle = await client.workflow.start(workflowNames.run, {
    taskQueue,
    workflowId: run.runId,
    args: [run],
  });
  await handle.result();
  const { events } = await handle.fetchHistory();
  await worker.stop();
  expect((await server.env.currentTimeMs()) - began).toBeGreaterThan(week);
  expect(asked).toBeLessThan(60);
  expect(events?.length).toBeLessThan(1000);
});
