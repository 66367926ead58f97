// The local-process executor: what all executors do, and what only processes of this machine show.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createLocalProcessExecutor,
  type Handle,
  type LocalProcessExecutor,
} from '@stillwatt/executors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { all, eventWhere, executorConformance, isPhase, pidOf, stageInput } from './suite.ts';
import { groupOf, killGroupOf } from '../../support/processes.ts';

const script = fileURLToPath(new URL('../../support/scripted-stage.ts', import.meta.url));
const hostScript = fileURLToPath(new URL('../../support/executor-host.ts', import.meta.url));

const launcher = fileURLToPath(
  new URL('../../../workers/executors/local-process/launch.sh', import.meta.url),
);

interface Place {
  home: string;
  shared: string;
  open(slots?: number): LocalProcessExecutor;
  close(): Promise<void>;
}

function createPlace(): Place {
  const home = mkdtempSync(join(tmpdir(), 'stillwatt-executor-'));
  const opened: LocalProcessExecutor[] = [];
  return {
    home,
    shared: home,
    open(slots = 8) {
      const executor = createLocalProcessExecutor({
        home,
        command: [process.execPath, script],
        slots,
        environment: { PATH: process.env['PATH'], DATABASE_URL: 'secret', STILLWATT_CACHE: '/c' },
        graceMs: 5000,
        onProblem: (error) => {
          throw error;
        },
      });
      opened.push(executor);
      return executor;
    },
    async close() {
      for (const executor of opened) await executor.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

executorConformance('local-process', async () => {
  const place = createPlace();
  return {
    executor: place.open(),
    restarted: () => place.open(),
    shared: place.shared,
    killStage: (pid) => process.kill(pid, 'SIGKILL'),
    close: () => place.close(),
  };
});

describe('local-process', () => {
  let place: Place;
  beforeEach(() => {
    place = createPlace();
  });
  afterEach(() => place.close());

  it('goes on after kill -9 of its host, and a new host gets every event', async () => {
    const gate = join(place.shared, 'gate');
    const input = stageInput([
      { do: 'metrics', count: 10 },
      { do: 'waitFor', file: gate },
      { do: 'metrics', count: 10 },
      { do: 'succeed' },
    ]);
    const host = spawn(process.execPath, [hostScript, place.home, script, JSON.stringify(input)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(host.stdout, 'data'); // it says so when the stage waits at the gate
    host.kill('SIGKILL');
    await once(host, 'exit');

    const executor = place.open(2);
    expect(executor.capacity().taken).toBe(1); // what it found running has its place
    const handle = await executor.find(input.path);
    writeFileSync(gate, '');
    expect(await handle?.wait()).toMatchObject({ state: 'succeeded' });
    const events = handle ? await all(handle) : [];
    expect(events.map((event) => event.seq)).toEqual(Array.from({ length: 23 }, (_, i) => i));
    expect(executor.capacity().taken).toBe(0);
  });

  it('keeps its deadline over a restart of the host', async () => {
    const input = stageInput([{ do: 'stayPolitely' }]);
    const first = place.open();
    await first.start({ input, attempt: 1, deadlineMs: 1500 });
    await first.close();
    const handle = await place.open().find(input.path);
    expect(await handle?.wait()).toMatchObject({ error: { code: 'STAGE_TIMEOUT' } });
  });

  it('forgets attempts that ended long ago, and no other', async () => {
    const executor = place.open();
    const run = (path: string, step: 'succeed' | 'stayPolitely') =>
      executor.start({ input: stageInput([{ do: step }], { path }), attempt: 1 });
    const old = await run('run_a/old', 'succeed');
    const young = await run('run_a/young', 'succeed');
    const running = await run('run_a/running', 'stayPolitely');
    await Promise.all([old.wait(), young.wait()]);
    const folder = dirname(old.location);
    utimesSync(join(folder, 'verdict.json'), 0, 0);
    expect(executor.forgetOlderThan(24 * 3600 * 1000)).toBe(1);
    expect(await executor.find(old.path)).toBeNull();
    expect(existsSync(dirname(folder))).toBe(false);
    expect(await executor.find(young.path)).not.toBeNull();
    expect(await executor.find(running.path)).not.toBeNull();
    await running.cancel();
  });

  it('calls it lost when the whole group is killed, launcher and all', async () => {
    const handle = await place
      .open()
      .start({ input: stageInput([{ do: 'stayDeaf' }]), attempt: 1 });
    await eventWhere(handle, isPhase('staying'));
    killGroupOf(await pidOf(handle));
    expect(await handle.wait()).toMatchObject({ state: 'lost', reason: { exitCode: null } });
  });

  it('still follows a stage whose launcher alone was killed', async () => {
    const gate = join(place.shared, 'gate');
    const input = stageInput([{ do: 'waitFor', file: gate }, { do: 'succeed' }]);
    const handle = await place.open().start({ input, attempt: 1 });
    await eventWhere(handle, isPhase('waiting'));
    process.kill(groupOf(await pidOf(handle)), 'SIGKILL');
    const found = await place.open().start({ input, attempt: 2 });
    expect(found.attempt).toBe(1);
    writeFileSync(gate, '');
    expect(await found.wait()).toMatchObject({ state: 'succeeded' });
  });

  it('calls a stage ended by a signal from outside lost, its checkpoint kept', async () => {
    const handle = await place
      .open()
      .start({ input: stageInput([{ do: 'stayPolitely' }]), attempt: 1 });
    await eventWhere(handle, isPhase('staying'));
    process.kill(await pidOf(handle), 'SIGTERM');
    expect(await handle.wait()).toMatchObject({ state: 'lost', error: { retryable: true } });
    expect((await all(handle)).some((event) => event.type === 'checkpoint')).toBe(true);
  });

  it('does not take a recycled pid for its process', async () => {
    const input = stageInput([{ do: 'stayDeaf' }]);
    const handle = await place.open().start({ input, attempt: 1 });
    await eventWhere(handle, isPhase('staying'));
    killGroupOf(await pidOf(handle));
    await handle.wait();
    // Its number is given to a stranger, who leads a group of that number.
    const stranger = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    await once(stranger, 'spawn');
    const folder = attemptFolder(place.home, 1);
    rmSync(join(folder, 'verdict.json'));
    const file = join(folder, 'process.json');
    const identity = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...identity, pid: stranger.pid }));
    const again = await place.open().find(input.path);
    await again?.cancel(100);
    expect(await again?.wait()).toMatchObject({ state: 'lost' });
    expect(stranger.signalCode).toBeNull();
    expect(stranger.kill('SIGKILL')).toBe(true); // it was still there
  });

  it('runs one stage where several hosts launch the same attempt at once', async () => {
    const input = stageInput([{ do: 'succeed' }]);
    const folder = join(place.home, 'attempt');
    mkdirSync(folder);
    writeFileSync(join(folder, 'input.json'), JSON.stringify(input));
    const launches = Array.from({ length: 6 }, () =>
      spawn('/bin/sh', [launcher, folder, '0', process.execPath, script, `${folder}/input.json`]),
    );
    await Promise.all(launches.map((launch) => once(launch, 'exit')));
    const events = readFileSync(join(folder, 'events.ndjson'), 'utf8').trim().split('\n');
    expect(events.filter((line) => line.includes('"pid '))).toHaveLength(1);
    expect(JSON.parse(readFileSync(join(folder, 'exit.json'), 'utf8'))).toEqual({ code: 0 });
  });

  it('hands down the listed environment and no secret', async () => {
    const input = stageInput([{ do: 'environment' }, { do: 'succeed' }], { threads: 2 });
    const handle = await place.open().start({ input, attempt: 1 });
    await handle.wait();
    const event = (await all(handle))[1];
    const environment = JSON.parse(event?.type === 'log' ? event.message : '{}') as object;
    expect(environment).toMatchObject({
      STILLWATT_CACHE: '/c',
      TF_NUM_INTRAOP_THREADS: '2',
      OMP_NUM_THREADS: '2',
    });
    expect(environment).not.toHaveProperty('DATABASE_URL');
  });

  it('lets stages wait for places in order, and a profile have all of them', async () => {
    const executor = place.open(2);
    const gate = (name: string): string => join(place.shared, name);
    const run = (name: string, kind: 'teacher' | 'profile', extra: object = {}): Promise<Handle> =>
      executor.start({
        input: stageInput([{ do: 'waitFor', file: gate(name) }, { do: 'succeed' }], {
          path: `run_a/${name}`,
          kind,
        }),
        attempt: 1,
        ...extra,
      });
    const heard: number[] = [];
    const first = await run('first', 'teacher');
    const profile = run('profile', 'profile', { onQueued: (ahead: number) => heard.push(ahead) });
    const abort = new AbortController();
    const given = run('given-up', 'teacher', { signal: abort.signal });
    const second = run('second', 'teacher');
    expect(executor.capacity()).toEqual({ total: 2, taken: 1, waiting: 3 });
    expect(heard).toEqual([0]);
    abort.abort(new Error('no longer wanted'));
    await expect(given).rejects.toThrow('no longer wanted');

    writeFileSync(gate('first'), '');
    await first.wait();
    const measured = await profile;
    expect(executor.capacity()).toEqual({ total: 2, taken: 2, waiting: 1 });
    writeFileSync(gate('profile'), '');
    await measured.wait();
    writeFileSync(gate('second'), '');
    expect((await (await second).wait()).state).toBe('succeeded');

    // Places come back a moment after an end; who asks for all of them knows when they are.
    const last = await run('last', 'profile');
    expect(executor.capacity()).toEqual({ total: 2, taken: 2, waiting: 0 });
    writeFileSync(gate('last'), '');
    await last.wait();
  });

  it('removes earlier attempts when a later one has succeeded', async () => {
    const executor = place.open();
    const start = (attempt: number, succeed: boolean): Promise<Handle> =>
      executor.start({
        input: stageInput([succeed ? { do: 'succeed' } : { do: 'exit', code: 9 }]),
        attempt,
      });
    await (await start(1, false)).wait();
    await (await start(2, false)).wait();
    expect(existsSync(attemptFolder(place.home, 1))).toBe(true);
    const last = await start(3, true);
    await last.wait();
    await expect.poll(() => existsSync(attemptFolder(place.home, 1))).toBe(false);
    await expect.poll(() => existsSync(attemptFolder(place.home, 2))).toBe(false);
    expect(existsSync(last.location)).toBe(true);
  });
});

/** Folder of an attempt, where only one path was used. */
function attemptFolder(home: string, attempt: number): string {
  const [hash = ''] = readdirSync(join(home, 'attempts'));
  return join(home, 'attempts', hash, String(attempt));
}
