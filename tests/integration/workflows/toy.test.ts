// Real runs at toy size through the whole stack: host, stages, PostgreSQL, Temporal, file store.
import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { isFinal, type RunDetail, type StageState } from '@stillwatt/contracts';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Fleet, startFleet } from '../../support/fleet.ts';
import { runSpecOf } from '../../support/inputs.ts';
import { makeToy } from '../../support/toy-spec.ts';

let fleet: Fleet;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stillwatt-toy-'));
  fleet = await startFleet();
});
afterAll(async () => {
  await fleet?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const stageOf = (run: RunDetail | null, name: string) =>
  run?.stages.find((stage) => stage.name === name);
const states = (run: RunDetail) => new Set(run.stages.map(({ state }) => state));

/** A toy whose teacher trains for so many steps: what must be met at work is met at work. */
function longToy(folder: string, maxSteps: number, attention: 'dot' | 'inhibitor' = 'inhibitor') {
  const toy = makeToy(folder, attention);
  const finetune = { ...toy.teacher.finetune, batchSize: 2, epochs: 100, maxSteps };
  return { ...toy, teacher: { ...toy.teacher, finetune } };
}

/** Resolves when `look` answers true; it looks whenever the database tells of a change. */
async function until(look: () => Promise<boolean>): Promise<void> {
  const listening = new AbortController();
  await new Promise<void>((resolve, reject) => {
    const again = (): void => {
      look().then((isSo) => {
        if (isSo) resolve();
      }, reject);
    };
    fleet.database.live.listen(again, listening.signal).then(again, reject);
  }).finally(() => listening.abort());
}

function untilStage(runId: string, name: string, state: StageState): Promise<void> {
  return until(async () => {
    const now = stageOf(await fleet.database.runs.get(runId), name)?.state;
    if (now && now !== state && isFinal(now)) throw new Error(`${name} is ${now}, not ${state}`);
    return now === state;
  });
}

it('runs to the end with every figure, and a second one comes from the cache', async () => {
  const project = await fleet.createProject();
  const spec = runSpecOf(makeToy(folder));
  const run = await fleet.untilEnded(await fleet.launch(project, spec));
  expect(run.state, JSON.stringify(run.error)).toBe('succeeded');
  expect(states(run)).toEqual(new Set(['succeeded']));
  for (const { attempts, output, key, provenance } of run.stages) {
    expect(attempts.map(({ state, number }) => [state, number])).toEqual([['succeeded', 1]]);
    expect(output).not.toBeNull();
    expect(key).toMatch(/^[a-z]+-[0-9a-f]{64}$/);
    expect(provenance?.threads).toBe(1);
  }
  expect(run.models.map(({ role, precision }) => [role, precision])).toEqual([
    ['teacher', 'f32'],
    ['student', 'f32'],
    ['quantized', 'int8'],
  ]);
  for (const { n, latency, peakRssBytes } of run.models) {
    expect(n).toBe(64);
    expect(latency?.[0]?.energyPerInference.value).toBeNull();
    expect(latency?.[0]?.energyPerInference.reason).toBeTruthy();
    expect(peakRssBytes).toBeGreaterThan(0);
  }
  const loss = (await fleet.metricsOf(run.id)).find(
    ({ stage, name }) => stage === 'teacher' && name === 'train/loss',
  );
  expect(loss?.points.map(({ step }) => step)).toEqual(
    loss?.points.map((_, i) => i + (loss.points[0]?.step ?? 0)),
  );

  const again = await fleet.untilEnded(await fleet.launch(project, spec));
  expect(again.state).toBe('succeeded');
  expect(states(again)).toEqual(new Set(['cached']));
  expect(stageOf(again, 'teacher')?.ownerPath).toBe(`${run.id}/teacher`);
  expect(again.models.map(({ digest }) => digest)).toEqual(run.models.map(({ digest }) => digest));

  // Another project shares nothing.
  const elsewhere = await fleet.launch(await fleet.createProject(), spec);
  await untilStage(elsewhere, 'data', 'succeeded');
  await fleet.cancel(elsewhere);
  expect((await fleet.untilEnded(elsewhere)).state).toBe('cancelled');
});

it('makes a cached stage again whose output was damaged in the store, and only that one', async () => {
  const project = await fleet.createProject();
  const spec = runSpecOf({ ...makeToy(folder, 'dot'), seed: 3 });
  const run = await fleet.untilEnded(await fleet.launch(project, spec));
  const spoil = async (stage: string, file: string): Promise<void> => {
    const digest = stageOf(run, stage)?.output?.digest ?? '';
    const { files } = (await fleet.database.artifacts.get(project, digest)) ?? { files: [] };
    const hex = files.find(({ name }) => name === file)?.digest.slice('sha256:'.length) ?? '';
    truncateSync(join(fleet.stack.dir, 'artifacts', project, 'blobs', hex.slice(0, 2), hex), 5);
  };
  await spoil('distill', 'model.safetensors');
  await spoil('profile-student', 'profile.json');

  const again = await fleet.untilEnded(await fleet.launch(project, spec));
  expect(again.state, JSON.stringify(again.error)).toBe('succeeded');
  const made = again.stages.filter(({ state }) => state !== 'cached').map(({ name }) => name);
  expect(made.sort()).toEqual(['distill', 'profile-student']);
  // Bit for bit the same; a measurement is another one.
  expect(stageOf(again, 'distill')?.output).toEqual(stageOf(run, 'distill')?.output);
  const measured = stageOf(again, 'profile-student')?.output;
  expect(measured?.digest).not.toBe(stageOf(run, 'profile-student')?.output?.digest);

  const third = await fleet.untilEnded(await fleet.launch(project, spec));
  expect(states(third)).toEqual(new Set(['cached']));
  expect(stageOf(third, 'profile-student')?.output).toEqual(measured);
});

it('computes the teacher of two runs once, also when the run that asked first is cancelled', async () => {
  const project = await fleet.createProject();
  const spec = (attention: 'dot' | 'inhibitor') =>
    runSpecOf({ ...longToy(folder, 1000, attention), quantize: { scheme: 'none' }, seed: 2 });
  // Both ask within milliseconds, and a stage takes seconds: whoever comes second waits.
  const runs = await Promise.all([
    fleet.launch(project, spec('dot')),
    fleet.launch(project, spec('inhibitor')),
  ]);
  let [first, second] = runs;
  await until(async () => {
    const [one, two] = await fleet.database.runs.many(project, runs);
    const owners = [one, two].map((run) => stageOf(run ?? null, 'teacher')?.ownerPath);
    if (owners[0]) [second, first] = runs;
    return (
      owners.includes(`${first}/teacher`) && stageOf(one ?? null, 'teacher')?.state === 'running'
    );
  });
  await fleet.cancel(first);
  const cancelled = await fleet.untilEnded(first);
  expect(cancelled.state).toBe('cancelled');
  // Either may have asked for the data first.
  const { data, ...others } = Object.fromEntries(
    cancelled.stages.map(({ name, state }) => [name, state]),
  );
  expect(data).toMatch(/^(succeeded|cached)$/);
  expect(new Set(Object.values(others))).toEqual(new Set(['cancelled']));
  const run = await fleet.untilEnded(second);
  expect(run.state, JSON.stringify(run.error)).toBe('succeeded');
  const teacher = stageOf(run, 'teacher');
  expect(teacher).toMatchObject({ state: 'cached', ownerPath: `${first}/teacher` });
  expect(await fleet.database.attempts.list(`${first}/teacher`)).toMatchObject([
    { number: 1, state: 'succeeded' },
  ]);
  expect(await fleet.database.attempts.list(`${second}/teacher`)).toEqual([]);
});

it('stops the process of a cancelled run, and leaves no row running', async () => {
  const runId = await fleet.launch(
    await fleet.createProject(),
    runSpecOf(longToy(folder, 100_000)),
  );
  await untilStage(runId, 'teacher', 'running');
  await fleet.cancel(runId);
  const run = await fleet.untilEnded(runId);
  expect(run.state).toBe('cancelled');
  expect(run.stages.every(({ state }) => isFinal(state))).toBe(true);
  // The run does not wait for its process to stop.
  const attempts = () => fleet.database.attempts.list(`${runId}/teacher`);
  await until(async () => (await attempts()).every(({ state }) => isFinal(state)));
  expect(await attempts()).toMatchObject([{ state: 'cancelled', error: { code: 'CANCELLED' } }]);
});

it('ends a run over a bad model folder as failed, with code, fix and no row running', async () => {
  const toy = makeToy(folder);
  const spec = runSpecOf({ ...toy, teacher: { ...toy.teacher, model: `dir:${folder}/nothing` } });
  const run = await fleet.untilEnded(await fleet.launch(await fleet.createProject(), spec));
  expect(run).toMatchObject({ state: 'failed', error: { code: 'SOURCE_MISSING' } });
  expect(run.error?.fix).toBeTruthy();
  expect(stageOf(run, 'teacher')).toMatchObject({
    state: 'failed',
    error: { code: 'SOURCE_MISSING' },
  });
  expect(stageOf(run, 'teacher')?.attempts).toHaveLength(1);
  expect(run.stages.every(({ state }) => isFinal(state))).toBe(true);
});

it('goes on after a host that was stopped in order: the stage lives and is found again', async () => {
  const runId = await fleet.launch(await fleet.createProject(), runSpecOf(makeToy(folder)));
  await untilStage(runId, 'teacher', 'running');
  await fleet.stack.restart('host');
  const run = await fleet.untilEnded(runId);
  expect(run.state, JSON.stringify(run.error)).toBe('succeeded');
  expect(run.stages.flatMap(({ attempts }) => attempts).every(({ number }) => number === 1)).toBe(
    true,
  );
});

it('forgets live events of more than a day ago, which would grow without end', async () => {
  const project = await fleet.createProject();
  const client = new pg.Client({ connectionString: fleet.stack.urls.database });
  await client.connect();
  await client.query(
    `INSERT INTO live_event (project_id, type, stage, created_at) VALUES
       ($1, 'stage', 'old', now() - interval '25 hours'), ($1, 'stage', 'new', now())`,
    [project],
  );
  await client.end();
  await fleet.stack.restart('host');
  const left = () => fleet.database.live.listSince({ projectId: project, sinceId: '0', limit: 9 });
  while ((await left()).length === 2) await setImmediate();
  expect(await left()).toMatchObject([{ stage: 'new' }]);
});
