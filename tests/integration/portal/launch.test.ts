// Launching, looking before the row is there, cancelling, schedules: against a real Temporal without a worker.
import { planStages } from '@stillwatt/contracts';
import { firingId, singleRun } from '@stillwatt/search';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nextFirings, readCron } from '../../../apps/portal/features/schedules/prepare.ts';
import { startPortal, portalUrl, type TestPortal } from '../../support/portal.ts';
import { createWorld, experiment, newId, type World } from '../../support/portal-world.ts';
import { startTemporal, type TestTemporal } from '../../support/temporal.ts';

let temporal: TestTemporal;
let portal: TestPortal;
let world: World;
let projectId: string;
beforeAll(async () => {
  temporal = await startTemporal();
  portal = await startPortal({ temporalAddress: temporal.address });
  world = await createWorld(portal);
  projectId = world.ids['projectId'] ?? '';
});
afterAll(async () => {
  await portal.stop();
  await temporal.stop();
});

const sweepText = `experiment: toy
sweep: { over: { student.attention: [dot, inhibitor] } }
seeds: [1, 2]
`;

test('a preview counts runs and stages, and tells every issue with its place', async () => {
  const good = await portal.rest('specs.preview', { projectId, spec: sweepText }, world.viewer);
  expect(good.body).toMatchObject({ runs: 4, stages: 40, estimatedSeconds: null, issues: [] });
  const bad = { projectId, spec: 'experiment: toy\nstudent: { layer: 3 }\ndata: { task: sst3 }' };
  const { status, body } = await portal.trpc('specs.preview', bad, world.viewer);
  expect([status, body.issues.map(({ path }) => path).sort()]).toEqual([
    200,
    ['data.task', 'student.layer'],
  ]);
  const broken = { projectId, spec: 'experiment: [' };
  const syntax = await portal.trpc('specs.preview', broken, world.viewer);
  expect(syntax.body.issues[0]?.reason).toMatch(/^line 1/);
});

test('a launched run is there at once, before a worker wrote its row', async () => {
  const spec = 'experiment: toy';
  const launched = await portal.rest('specs.launch', { projectId, spec }, world.member);
  expect(launched).toMatchObject({ status: 200, body: { sweepId: null } });
  const runId = launched.body.runId ?? '';
  expect(launched.body.url).toBe(`${portalUrl}/runs/${runId}`);
  const run = await portal.rest('runs.get', { runId }, world.viewer);
  expect(run.body).toMatchObject({
    id: runId,
    projectId,
    state: 'queued',
    requestedBy: { name: 'mia' },
    progress: 0,
    spec: { experiment: 'toy', seed: 1 },
  });
  expect(run.body.stages.map(({ name, state }) => `${name} ${state}`)).toContain('distill waiting');
  expect((await portal.rest('runs.get', { runId }, world.stranger)).status).toBe(404);

  expect((await portal.rest('runs.cancel', { runId }, world.member)).status).toBe(200);
  const { client } = temporal.environment;
  const description = await client.workflow.getHandle(runId).describe();
  expect(description.type).toBe('runExperiment');
  const history = await client.workflow.getHandle(runId).fetchHistory();
  expect(JSON.stringify(history)).toContain('workflowExecutionCancelRequested');
});

test('a sweep is launched as one workflow and hears its signals', async () => {
  const launched = await portal.rest('specs.launch', { projectId, spec: sweepText }, world.member);
  const sweepId = launched.body.sweepId ?? '';
  const sweep = await portal.rest('sweeps.get', { sweepId }, world.viewer);
  expect(sweep.body).toMatchObject({ id: sweepId, state: 'running', planned: 4, runs: [] });
  await portal.rest('sweeps.pause', { sweepId }, world.member);
  await portal.rest('sweeps.resume', { sweepId }, world.member);
  const history = await temporal.environment.client.workflow.getHandle(sweepId).fetchHistory();
  const signals = (history.events ?? []).flatMap(
    ({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName ?? [],
  );
  expect(signals).toEqual(['pause', 'resume']);
  expect((await portal.rest('sweeps.cancel', { sweepId }, world.member)).status).toBe(200);
});

test('a wrong spec is not launched, and says where it is wrong', async () => {
  const spec = { experiment: 'toy', student: { layers: 0 } };
  const refused = await portal.rest('specs.launch', { projectId, spec }, world.member);
  expect(refused).toMatchObject({
    status: 400,
    body: { code: 'SPEC_INVALID', path: 'student.layers' },
  });
});

test('a run that has no workflow any more cannot be cancelled', async () => {
  const runId = world.ids['runId'] ?? '';
  const answer = await portal.rest('runs.cancel', { runId }, world.member);
  expect(answer).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
});

test('a schedule fires in its time zone, pauses, and goes', async () => {
  const input = { projectId, name: 'nightly', cron: '30 2 * * 1-5', spec: 'experiment: toy' };
  const timeZone = 'Europe/Stockholm';
  const made = await portal.rest('schedules.create', { ...input, timeZone }, world.member);
  expect(made.body).toMatchObject({ timeZone, overlap: 'skip', paused: false, recentRuns: [] });
  expect(made.body.nextRuns).toHaveLength(5);
  for (const time of made.body.nextRuns) {
    const local = new Date(time).toLocaleTimeString('sv', { timeZone, timeStyle: 'short' });
    expect(local).toBe('02:30');
  }
  const scheduleId = made.body.id;
  await portal.rest('schedules.pause', { scheduleId, paused: true }, world.member);
  const handle = temporal.environment.client.schedule.getHandle(scheduleId);
  expect((await handle.describe()).state.paused).toBe(true);
  expect((await portal.rest('schedules.trigger', { scheduleId }, world.member)).status).toBe(200);
  const [firing] = (await handle.describe()).info.recentActions;
  const executionId = firing?.action.workflow.firstExecutionRunId ?? '';
  const id = firingId(experiment(), scheduleId, executionId);
  expect(id).toMatch(/^run_/);
  const { body } = await portal.rest('schedules.list', { projectId }, world.viewer);
  expect(body.items.find(({ id }) => id === scheduleId)).toMatchObject({
    paused: true,
    recentRuns: [{ id }],
  });
  await portal.rest('schedules.remove', { scheduleId }, world.member);
  await expect(handle.describe()).rejects.toThrow();
});

test.each(['0 0 13 * 5', '0 0 1,15 * *', '30 6 * * 7', '5/20 8-10/2 * */3 1-5'])(
  'the page says when %s fires as Temporal does',
  async (cron) => {
    const input = { projectId, name: 'x', cron, spec: 'experiment: toy', timeZone: 'Asia/Kolkata' };
    const { body } = await portal.rest('schedules.create', input, world.member);
    const shown = nextFirings(readCron(cron), 'Asia/Kolkata', new Date(), 5);
    expect(shown.map((at) => at.toISOString())).toEqual(body.nextRuns);
    await portal.rest('schedules.remove', { scheduleId: body.id }, world.member);
  },
);

test.each([
  ['cron', { cron: 'every day at noon' }],
  ['cron', { cron: '99 2 * * *' }],
  ['timeZone', { timeZone: 'Europe/Nowhere' }],
])('a wrong %s is refused and leaves nothing behind', async (path, wrong) => {
  const before = await portal.services.db.schedules.list(projectId);
  const input = { projectId, name: 'x', cron: '0 2 * * *', spec: 'experiment: toy', ...wrong };
  const answer = await portal.rest('schedules.create', input, world.member);
  expect(answer).toMatchObject({ status: 400, body: { code: 'INPUT_INVALID', path } });
  expect(await portal.services.db.schedules.list(projectId)).toEqual(before);
});

test('two runs side by side show in what they differ', async () => {
  const { db } = portal.services;
  const ids = [newId('run'), newId('run')];
  for (const [i, runId] of ids.entries()) {
    const spec = singleRun(experiment({ seeds: [i + 1] }));
    const input = { projectId, requestedBy: null, runId, sweepId: null, cell: {}, spec };
    await db.runs.insert(input, planStages(spec));
  }
  const input = { projectId, runIds: ids.join(',') };
  const { body } = await portal.rest('runs.compare', input, world.viewer);
  expect(body.runs.map(({ id }) => id)).toEqual(ids);
  expect(body.differences).toEqual([{ path: 'seed', values: [1, 2] }]);
});
