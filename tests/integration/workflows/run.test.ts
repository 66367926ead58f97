// Runs and the stages they share, on a real Temporal server; stages are scripted so that instants can be chosen.
import {
  planStages,
  queryNames,
  type RunInput,
  type RunProgress,
  stageWorkflowId,
  taskQueue,
  workflowNames,
} from '@stillwatt/contracts';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshId, runInputOf } from '../../support/inputs.ts';
import { activitiesOf, untilHeard } from '../../support/histories.ts';
import { type Script, scriptActivities, statesOf } from '../../support/scripted-activities.ts';
import { startDevServer, type WorkflowServer } from '../../support/workflow-server.ts';

let server: WorkflowServer;
let script: Script;
let worker: { stop(): Promise<void> };
const project = freshId('project');

beforeAll(async () => {
  server = await startDevServer();
});
afterAll(() => server.stop());
beforeEach(async (test) => {
  script = scriptActivities(server.env.client, test.task.name);
  worker = await server.work(script.activities);
});
afterEach(() => worker.stop());

const start = (run: RunInput) =>
  server.env.client.workflow.start(workflowNames.run, {
    taskQueue,
    workflowId: run.runId,
    args: [run],
  });

/** The cause of a workflow's failure. */
async function failure(result: Promise<unknown>): Promise<unknown> {
  try {
    await result;
  } catch (error) {
    return error instanceof WorkflowFailedError ? error.cause : error;
  }
  throw new Error('it did not fail');
}

const path = (run: RunInput, stage: string) => `${run.runId}/${stage}`;

describe('a run', () => {
  it('computes every stage once, inputs first, and says so', async () => {
    const run = runInputOf(project, {});
    const handle = await start(run);
    await handle.result();
    const names = planStages(run.spec).map(({ name }) => name);
    expect([...script.computed].sort()).toEqual(names.map((name) => path(run, name)).sort());
    const at = (name: string) => script.computed.indexOf(path(run, name));
    for (const plan of planStages(run.spec)) {
      for (const input of Object.values(plan.inputs)) expect(at(input)).toBeLessThan(at(plan.name));
    }
    expect(Object.values(statesOf(script, run.runId))).toEqual(names.map(() => 'succeeded'));
    expect(script.runs.get(run.runId)).toMatchObject({ state: 'succeeded', error: null });
    const progress = await handle.query<RunProgress>(queryNames.progress);
    expect(progress.stages.map(({ state }) => state)).toEqual(names.map(() => 'succeeded'));
  });

  it('takes everything but profiles from the cache the second time', async () => {
    const first = runInputOf(project, {});
    await (await start(first)).result();
    const count = script.computed.length;
    const second = runInputOf(project, {});
    await (await start(second)).result();
    const again = script.computed.slice(count).map((at) => at.split('/')[1]);
    expect(again.sort()).toEqual(['profile-quantized', 'profile-student', 'profile-teacher']);
    const distill = script.stages.get(path(second, 'distill'));
    expect(distill).toMatchObject({ state: 'cached', ownerPath: path(first, 'distill') });

    const third = runInputOf(project, { profile: { reuse: true } });
    const fourth = runInputOf(project, { profile: { reuse: true } });
    await (await start(third)).result();
    const before = script.computed.length;
    await (await start(fourth)).result();
    expect(script.computed.length).toBe(before);
  });

  it('fails with the error of its stage, stops the others and starts no more', async () => {
    script.hold('evaluate-teacher');
    script.fail('distill', 'DIVERGED');
    const run = runInputOf(project, {});
    const error = await failure((await start(run)).result());
    expect(error).toBeInstanceOf(ApplicationFailure);
    expect((error as ApplicationFailure).type).toBe('DIVERGED');
    expect(script.runs.get(run.runId)).toMatchObject({
      state: 'failed',
      error: { code: 'DIVERGED', message: 'as scripted', fix: 'none' },
    });
    expect(script.stages.get(path(run, 'distill'))?.state).toBe('failed');
    await script.until(() => script.stopped.includes(path(run, 'evaluate-teacher')));
    expect(script.computed).not.toContain(path(run, 'quantize'));
  });

  it('is cancelled in every row when it is cancelled', async () => {
    script.hold('teacher');
    const run = runInputOf(project, {});
    const handle = await start(run);
    await script.until(() => script.computed.includes(path(run, 'teacher')));
    await handle.cancel();
    expect(await failure(handle.result())).toBeInstanceOf(CancelledFailure);
    expect(script.runs.get(run.runId)?.state).toBe('cancelled');
    await script.until(() => script.stopped.includes(path(run, 'teacher')));
  });
});

it('opens its row before it closes it, also when it is cancelled at that moment', async () => {
  const release = script.hold('openRun');
  const run = runInputOf(project, {});
  const handle = await start(run);
  await script.until(() => script.open.now === 1);
  await handle.cancel();
  await untilHeard(handle);
  release();
  expect(await failure(handle.result())).toBeInstanceOf(CancelledFailure);
  expect(script.runs.get(run.runId)?.state).toBe('cancelled');
  expect(await activitiesOf(handle)).toEqual([
    'openRun called',
    'openRun ended',
    'closeRun called',
    'closeRun ended',
  ]);
});

it('fails with what its stage could not do, not as cancelled', async () => {
  script.fail('findStage', 'ARTIFACT_CORRUPT');
  const run = runInputOf(project, { data: { limit: 77 } });
  const error = await failure((await start(run)).result());
  expect(error).toMatchObject({ type: 'ARTIFACT_CORRUPT' });
  expect(script.stages.get(path(run, 'data'))).toMatchObject({
    state: 'failed',
    error: { message: 'as scripted' },
  });
});

describe('a stage that two runs need', () => {
  const bothWait = async (first: RunInput, second: RunInput) => {
    const release = script.hold('teacher');
    const handles = [await start(first)];
    await script.until(() => script.computed.includes(path(first, 'teacher')));
    handles.push(await start(second));
    const key = await teacherKey(second);
    const stage = server.env.client.workflow.getHandle(stageWorkflowId(project, key));
    for (;;) {
      const { events } = await stage.fetchHistory();
      if (events?.filter((event) => event.workflowExecutionSignaledEventAttributes).length === 2) {
        return { release, handles, stage };
      }
    }
  };

  /** The key that the second run asked for, from its request. */
  async function teacherKey(run: RunInput): Promise<string> {
    let key: string | undefined;
    await script.until(() => {
      key = script.requested.find((work) => work.path === path(run, 'teacher'))?.key;
      return key !== undefined;
    });
    return key ?? '';
  }

  it('is computed once', async () => {
    const [first, second] = [runInputOf(project, {}), runInputOf(project, {})];
    const { release, handles } = await bothWait(first, second);
    release();
    await Promise.all(handles.map((handle) => handle.result()));
    const teachers = script.computed.filter((at) => at.endsWith('/teacher'));
    expect(teachers).toEqual([path(first, 'teacher')]);
    expect(script.stages.get(path(first, 'teacher'))?.state).toBe('succeeded');
    expect(script.stages.get(path(second, 'teacher'))).toMatchObject({
      state: 'cached',
      ownerPath: path(first, 'teacher'),
    });
  });

  it('goes on when the first who asked is cancelled', async () => {
    const [first, second] = [runInputOf(project, {}), runInputOf(project, {})];
    const { release, handles } = await bothWait(first, second);
    await handles[0]?.cancel();
    expect(await failure(handles[0]?.result() ?? Promise.resolve())).toBeInstanceOf(
      CancelledFailure,
    );
    release();
    await handles[1]?.result();
    expect(script.stopped).toEqual([]);
    expect(script.computed.filter((at) => at.endsWith('/teacher'))).toHaveLength(1);
    expect(script.runs.get(second.runId)?.state).toBe('succeeded');
  });

  it('is stopped when nobody waits any more, and computed again for who comes then', async () => {
    const [first, second] = [runInputOf(project, {}), runInputOf(project, {})];
    const { release, handles, stage } = await bothWait(first, second);
    await Promise.all(handles.map((handle) => handle.cancel()));
    await Promise.all(handles.map((handle) => failure(handle.result())));
    expect(await stage.result()).toBe('cancelled');
    expect(script.stopped).toEqual([path(first, 'teacher')]);
    release();
    const third = runInputOf(project, {});
    await (await start(third)).result();
    expect(script.stages.get(path(third, 'teacher'))?.state).toBe('succeeded');
  });

  it('ends its runs as failed when an operator cancels it', async () => {
    const [first, second] = [runInputOf(project, {}), runInputOf(project, {})];
    const { handles, stage } = await bothWait(first, second);
    await stage.cancel();
    for (const handle of handles) {
      expect(await failure(handle.result())).toMatchObject({ type: 'CANCELLED' });
    }
    expect(script.runs.get(second.runId)).toMatchObject({ state: 'failed' });
  });
});
