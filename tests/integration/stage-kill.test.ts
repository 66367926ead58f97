// Stages killed, cancelled and resumed: the final weights do not show it.
import { truncateSync } from 'node:fs';
import type { Digest, StageEvent } from '@stillwatt/contracts';
import type { Handle } from '@stillwatt/executors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { killGroupOf } from '../support/processes.ts';
import { seededRandom } from '../support/random.ts';
import { openStageBench, planOf, type StageBench } from '../support/stage-bench.ts';

const isStep =
  (step: number) =>
  (event: StageEvent): boolean =>
    event.type === 'metric' && event.step === step;

type Checkpoint = Extract<StageEvent, { type: 'checkpoint' }>;

/** Follows the stage up to an event; the last checkpoint on the way. */
async function followTo(
  handle: Handle,
  test: (event: StageEvent) => boolean,
): Promise<Checkpoint | undefined> {
  let checkpoint: Checkpoint | undefined;
  for await (const event of handle.events()) {
    if (event.type === 'checkpoint') checkpoint = event;
    if (test(event)) return checkpoint;
  }
  throw new Error('the stage ended before that event');
}

describe('a stage that is interrupted', () => {
  let bench: StageBench;
  beforeEach(async () => {
    bench = await openStageBench();
  });
  afterEach(() => bench.close());

  /** Digest of the weights of the same stage undisturbed, computed under a key of its own. */
  async function undisturbed(stage: string, changes: object): Promise<string> {
    const plan = planOf(bench.spec(changes), stage);
    const input = { ...bench.input(plan, bench.outputs()), path: 'run_calm', key: 'calm' };
    const { exit } = await bench.finish(await bench.start(input));
    if (exit.state !== 'succeeded') throw new Error(JSON.stringify(exit));
    return bench.weights(exit.result);
  }

  it.each([
    ['teacher', 11],
    ['distill', 12],
  ])('%s: kill -9 at seeded instants, then the same weights bit for bit', async (stage, seed) => {
    const changes = { student: { attention: 'inhibitor' } };
    const spec = bench.spec(changes);
    const plan = planOf(spec, stage);
    for (const from of Object.values(plan.inputs)) await bench.result(spec, from);
    const random = seededRandom(seed);
    // One instant before the first checkpoint, then two further on.
    const instants = [3, 12 + Math.floor(random() * 10), 25 + Math.floor(random() * 10)];
    let last: Checkpoint | undefined;
    for (const [index, step] of instants.entries()) {
      const input = bench.input(plan, bench.outputs(), last?.digest);
      const handle = await bench.start(input, index + 1);
      const checkpoint = await followTo(handle, isStep(step));
      killGroupOf(await pidOf(handle));
      expect((await handle.wait()).state).toBe('lost'); // it hit live work
      last = checkpoint ?? last;
    }
    const input = bench.input(plan, bench.outputs(), last?.digest);
    const { exit, events } = await bench.finish(await bench.start(input, 4));
    if (exit.state !== 'succeeded') throw new Error(JSON.stringify(exit));
    const firstStep = events.find((event) => event.type === 'metric');
    expect(last?.step).toBeGreaterThan(0);
    expect(firstStep).toMatchObject({ step: (last?.step ?? 0) + 1 }); // it did go on, not start again
    expect(await bench.weights(exit.result)).toBe(await undisturbed(stage, changes));
  });

  it('cancelled: writes a last checkpoint where it stands, and goes on from there', async () => {
    // No other checkpoint before the last step, and time to be met at work.
    const changes = { finetune: { epochs: 60, checkpointEverySteps: 10_000 } };
    const spec = bench.spec(changes);
    const plan = planOf(spec, 'teacher');
    await bench.result(spec, 'data');
    const handle = await bench.start(bench.input(plan, bench.outputs()));
    await followTo(handle, isStep(13));
    await handle.cancel();
    const { exit, events } = await bench.finish(handle);
    expect(exit).toMatchObject({ state: 'failed', error: { code: 'CANCELLED' } });
    const last = events.findLast((event) => event.type === 'checkpoint');
    const metric = events.findLast((event) => event.type === 'metric');
    expect(last?.step).toBeGreaterThanOrEqual(13);
    expect(last?.step).toBe(metric?.step);
    expect(await bench.store.lastCheckpoint(bench.input(plan, bench.outputs()).key)).toMatchObject({
      step: last?.step,
    });
    const resumed = await bench.finish(
      await bench.start(bench.input(plan, bench.outputs(), last?.digest), 2),
    );
    if (resumed.exit.state !== 'succeeded') throw new Error(JSON.stringify(resumed.exit));
    const weights = await bench.weights(resumed.exit.result);
    expect(weights).toBe(await undisturbed('teacher', changes));
  });

  it('goes on from the checkpoint before, where the last one is damaged', async () => {
    const spec = bench.spec();
    const plan = planOf(spec, 'teacher');
    await bench.result(spec, 'data');
    const handle = await bench.start(bench.input(plan, bench.outputs()));
    const last = await followTo(handle, isStep(25));
    killGroupOf(await pidOf(handle));
    expect((await handle.wait()).state).toBe('lost');
    if (last?.step !== 20) throw new Error('no second checkpoint');
    const [file] = (await bench.store.getManifest(last.digest)).files;
    if (!file) throw new Error('the checkpoint is empty');
    truncateSync(bench.blobFile(file.digest), 9);
    const input = bench.input(plan, bench.outputs(), last.digest);
    const { exit, events } = await bench.finish(await bench.start(input, 2));
    if (exit.state !== 'succeeded') throw new Error(JSON.stringify(exit));
    const message = expect.stringContaining('going on from step 10');
    expect(events[0]).toMatchObject({ type: 'log', level: 'warn', message });
    expect(events.find((event) => event.type === 'metric')).toMatchObject({ step: 11 });
    expect(await bench.weights(exit.result)).toBe(await undisturbed('teacher', {}));
  });

  it('starts again, and says so, where its checkpoint is gone', async () => {
    const spec = bench.spec({ data: { limit: 32 } });
    const plan = planOf(spec, 'teacher');
    await bench.result(spec, 'data');
    const gone: Digest = `sha256:${'0'.repeat(64)}`;
    const handle = await bench.start(bench.input(plan, bench.outputs(), gone));
    const { exit, events } = await bench.finish(handle);
    expect(exit.state).toBe('succeeded');
    expect(events[0]).toMatchObject({ type: 'log', level: 'warn' });
    expect(events.find((event) => event.type === 'metric')).toMatchObject({ step: 1 });
  });
});

/** A member of the attempt's group: its launcher, whose number the executor wrote down. */
async function pidOf(handle: Handle): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(handle.location.replace('stderr.log', 'process.json'), 'utf8');
  return (JSON.parse(text) as { pid: number }).pid;
}
