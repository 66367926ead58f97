// kill -9 of stage, host, Temporal and PostgreSQL at seeded instants: the run completes as if nothing had happened.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFinal, type RunDetail, type RunSpec } from '@stillwatt/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { killGroupOf } from '../support/processes.ts';
import { toySpec } from '../support/toy-spec.ts';
import { chooseMoments, eventsOf, type Moment, newestAttempt, reach } from './moments.ts';

/** Kill instants of each target: a few in `npm test`, all of them in `npm run test:faults`. */
const instants = process.env['STILLWATT_FAULTS'] === 'all' ? 20 : 2;

let fleet: Fleet;
let folder: string;
let spec: RunSpec;
/** The run nobody disturbed. */
let calm: { run: RunDetail; points: string[]; moments: Moment[] };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stillwatt-toy-'));
  fleet = await startFleet();
  spec = toySpec(folder);
  const runId = await fleet.launch(await fleet.createProject(), spec);
  const run = await fleet.untilEnded(runId);
  expect(run.state, JSON.stringify(run.error)).toBe('succeeded');
  calm = { run, points: await pointsOf(runId), moments: momentsOf(run) };
  expect(calm.moments.length).toBeGreaterThan(instants);
}, 240_000);

afterAll(async () => {
  await fleet?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Every metric point as one line, sorted. */
async function pointsOf(runId: string): Promise<string[]> {
  const series = await fleet.metricsOf(runId);
  return series
    .flatMap(({ stage, name, points }) =>
      points.map(({ step, value }) => `${stage} ${name} ${step} ${value}`),
    )
    .sort();
}

/**
 * Instants inside the training stages, away from the end of training: there a stage certainly lives.
 * What it prints afterwards comes all at once.
 */
function momentsOf(run: RunDetail): Moment[] {
  return ['teacher', 'distill'].flatMap((stage) => {
    const lines = eventsOf(fleet.stack.dir, `${run.id}/${stage}`);
    const last = lines.findLastIndex((line) => line.includes('"type":"metric"'));
    return Array.from({ length: Math.floor(last * 0.8) }, (_, seq) => ({ stage, seq }));
  });
}

/** Output digests of every stage but the measurements, whose figures differ by nature. */
function outputsOf(run: RunDetail): Record<string, string | undefined> {
  return Object.fromEntries(
    run.stages
      .filter(({ kind }) => kind !== 'profile')
      .map(({ name, output }) => [name, output?.digest]),
  );
}

/** Stages that had already ended: they must not run again. */
async function endedStages(runId: string): Promise<string[]> {
  const run = await fleet.database.runs.get(runId);
  return run?.stages.filter(({ state }) => isFinal(state)).map(({ name }) => name) ?? [];
}

async function expectUndisturbed(runId: string, endedBefore: string[]): Promise<RunDetail> {
  const run = await fleet.untilEnded(runId);
  expect(run.state, JSON.stringify(run.error)).toBe('succeeded');
  expect(outputsOf(run)).toEqual(outputsOf(calm.run));
  expect(await pointsOf(runId)).toEqual(calm.points);
  for (const stage of run.stages.filter(({ name }) => endedBefore.includes(name))) {
    expect(stage.attempts, `${stage.name} was computed again`).toHaveLength(1);
  }
  return run;
}

/** Kills the newest attempt of a stage; throws if it is not alive. */
function killStage(runId: string, stage: string): void {
  const attempt = newestAttempt(fleet.stack.dir, `${runId}/${stage}`);
  if (attempt === null) throw new Error(`${stage} has no attempt`);
  const { pid } = JSON.parse(readFileSync(join(attempt, 'process.json'), 'utf8')) as {
    pid: number;
  };
  killGroupOf(pid);
}

const targets = {
  stage: async (runId: string, moment: Moment) => killStage(runId, moment.stage),
  host: () => fleet.stack.kill('host', 'SIGKILL'),
  temporal: () => fleet.stack.kill('temporal', 'SIGKILL'),
  postgres: () => fleet.stack.kill('postgres', 'SIGKILL'),
};

for (const [index, [target, kill]] of Object.entries(targets).entries()) {
  describe(`kill -9 of ${target}`, () => {
    it.each(Array.from({ length: instants }, (_, number) => number))(
      'at instant %i',
      async (number) => {
        const moment = chooseMoments(calm.moments, instants, 100 + index)[number];
        if (!moment) throw new Error('no moment');
        const runId = await fleet.launch(await fleet.createProject(), spec);
        await reach(fleet.stack.dir, runId, moment);
        const before = await fleet.database.runs.get(runId);
        expect(before?.state, 'the kill must hit live work').toBe('running');
        const ended = await endedStages(runId);
        await kill(runId, moment);
        await expectUndisturbed(runId, ended);
      },
    );
  });
}

describe('kill -9 at the instants that matter most', () => {
  it('of the stage before its first checkpoint: it starts anew, nothing doubled', async () => {
    const runId = await fleet.launch(await fleet.createProject(), spec);
    const lines = eventsOf(fleet.stack.dir, `${calm.run.id}/teacher`);
    const checkpoint = lines.findIndex((line) => line.includes('"type":"checkpoint"'));
    expect(checkpoint).toBeGreaterThan(0);
    // Well before: it is in the store before its line is printed.
    const early = lines.findIndex((line) => line.includes('"type":"metric"'));
    await reach(fleet.stack.dir, runId, { stage: 'teacher', seq: early });
    killStage(runId, 'teacher');
    const run = await expectUndisturbed(runId, ['data']);
    const attempts = run.stages.find(({ name }) => name === 'teacher')?.attempts;
    expect(attempts?.map(({ resumedFrom }) => resumedFrom)).toEqual([null, null]);
  });

  it('of the stage after a checkpoint: it goes on from there', async () => {
    const runId = await fleet.launch(await fleet.createProject(), spec);
    const lines = eventsOf(fleet.stack.dir, `${calm.run.id}/teacher`);
    const checkpoint = lines.findIndex((line) => line.includes('"type":"checkpoint"'));
    await reach(fleet.stack.dir, runId, { stage: 'teacher', seq: checkpoint });
    killStage(runId, 'teacher');
    const run = await expectUndisturbed(runId, ['data']);
    const attempts = run.stages.find(({ name }) => name === 'teacher')?.attempts;
    expect(attempts?.map(({ resumedFrom }) => resumedFrom !== null)).toEqual([false, true]);
  });

  it.each(['host', 'postgres'] as const)(
    'of %s between an artifact’s commit and its row: the result is found, not recomputed',
    async (target) => {
      const runId = await fleet.launch(await fleet.createProject(), spec);
      await reach(fleet.stack.dir, runId, { stage: 'teacher', seq: 0 });
      // A stopped host cannot write the row, while the stage goes on to its result.
      await fleet.stack.kill('host', 'SIGSTOP');
      await untilResult(runId, 'teacher');
      const row = await fleet.database.stages.get(`${runId}/teacher`);
      expect(row?.output, 'the row must not be there yet').toBeNull();
      await fleet.stack.kill(target, 'SIGKILL');
      if (target !== 'host') await fleet.stack.kill('host', 'SIGCONT');
      const run = await expectUndisturbed(runId, ['data']);
      expect(run.stages.find(({ name }) => name === 'teacher')?.attempts).toHaveLength(1);
    },
  );
});

/** Resolves when the stage has printed its result, which it does after committing it to the store. */
async function untilResult(runId: string, stage: string): Promise<void> {
  for (let seq = 0; ; seq += 1) {
    await reach(fleet.stack.dir, runId, { stage, seq });
    if (
      eventsOf(fleet.stack.dir, `${runId}/${stage}`).some((line) =>
        line.includes('"type":"result"'),
      )
    )
      return;
  }
}
