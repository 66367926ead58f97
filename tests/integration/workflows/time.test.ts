// What only shows after hours: the test server lets them pass.
import { stageWorkflowId, taskQueue, workflowNames } from '@stillwatt/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshId, runInputOf } from '../../support/inputs.ts';
import { scriptActivities } from '../../support/scripted-activities.ts';
import { startTimeSkippingServer, type WorkflowServer } from '../../support/workflow-server.ts';

let server: WorkflowServer;
beforeAll(async () => {
  server = await startTimeSkippingServer();
});
afterAll(() => server.stop());

it('starts a stage again whose workflow was terminated and could tell nobody', async () => {
  const script = scriptActivities(server.env.client, 'terminated');
  const worker = await server.work(script.activities);
  const release = script.hold('data');
  const run = runInputOf(freshId('project'), {});
  const { client } = server.env;
  const handle = await client.workflow.start(workflowNames.run, {
    taskQueue,
    workflowId: run.runId,
    args: [run],
  });
  await script.until(() => script.computed.length === 1 && script.requested.length === 1);
  const key = script.requested[0]?.key ?? '';
  await client.workflow.getHandle(stageWorkflowId(run.projectId, key)).terminate('by an operator');
  release();
  // The server's clock stands still while an activity of its own is open; this moves it.
  await server.env.sleep('11 minutes');
  await handle.result();
  expect(script.computed.filter((path) => path.endsWith('/data'))).toHaveLength(2);
  expect(script.runs.get(run.runId)?.state).toBe('succeeded');
  await worker.stop();
});
