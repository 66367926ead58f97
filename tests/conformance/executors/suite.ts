// What every executor must do, shown with a scripted stage process.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StageEvent, StageInput, StageKind } from '@stillwatt/contracts';
import type { Executor, Exit, Handle } from '@stillwatt/executors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ScriptStep } from '../../support/scripted-stage.ts';

/** An executor over a place of its own, and what a test does to it from outside. */
export interface ExecutorHarness {
  executor: Executor;
  /** A second executor over the same place: what a restarted host would have. */
  restarted(): Executor;
  /** A folder that the stage process sees too. */
  shared: string;
  /** Ends the stage's own process at once, as kill -9 or a machine's end would. */
  killStage(pid: number, handle: Handle): void;
  close(): Promise<void>;
}

export function stageInput(
  script: ScriptStep[],
  options: { path?: string; kind?: StageKind; threads?: number } = {},
): StageInput {
  return {
    path: options.path ?? 'run_a/teacher',
    projectId: 'prj_000000000000',
    key: 'key-1',
    kind: options.kind ?? 'teacher',
    config: { script },
    inputs: {},
    threads: options.threads ?? 1,
    resumeFrom: null,
  };
}

/** Reads events until one passes the test; the stage stands where it printed that one. */
export async function eventWhere(
  handle: Handle,
  test: (event: StageEvent) => boolean,
): Promise<StageEvent> {
  for await (const event of handle.events()) if (test(event)) return event;
  throw new Error('the attempt ended before that event');
}

export const isPhase =
  (phase: string) =>
  (event: StageEvent): boolean =>
    event.type === 'phase' && event.phase === phase;

export async function pidOf(handle: Handle): Promise<number> {
  const event = await eventWhere(handle, (each) => each.type === 'log');
  return event.type === 'log' ? Number(event.message.replace('pid ', '')) : NaN;
}

export async function all(handle: Handle, fromSeq = 0): Promise<StageEvent[]> {
  const events: StageEvent[] = [];
  for await (const event of handle.events(fromSeq)) events.push(event);
  return events;
}

function codeOf(exit: Exit): string | null {
  return exit.state === 'succeeded' ? null : exit.error.code;
}

export function executorConformance(name: string, open: () => Promise<ExecutorHarness>): void {
  describe(`executor ${name}`, () => {
    let harness: ExecutorHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    const start = (script: ScriptStep[], attempt = 1, extra: object = {}): Promise<Handle> =>
      harness.executor.start({ input: stageInput(script), attempt, ...extra });

    it('runs a stage to its result, every event once and in order', async () => {
      const handle = await start([{ do: 'metrics', count: 2000 }, { do: 'succeed' }]);
      const exit = await handle.wait();
      const events = await all(handle);
      expect(exit).toMatchObject({
        state: 'succeeded',
        result: { key: 'key-1' },
        reason: { exitCode: 0, signal: null, outOfMemory: false, ignoredLines: 0 },
      });
      expect(events.map((event) => event.seq)).toEqual(Array.from({ length: 2002 }, (_, i) => i));
      expect(events.at(-1)?.type).toBe('result');
    });

    it('streams events while the stage runs, from any number on', async () => {
      const gate = join(harness.shared, 'gate');
      const handle = await start([
        { do: 'metrics', count: 3 },
        { do: 'waitFor', file: gate },
        { do: 'succeed' },
      ]);
      const waiting = await eventWhere(handle, isPhase('waiting'));
      writeFileSync(gate, '');
      const rest = await all(handle, waiting.seq);
      expect(rest.map((event) => event.type)).toEqual(['phase', 'result']);
    });

    it('attaches to a live attempt instead of starting a second one', async () => {
      const gate = join(harness.shared, 'gate');
      const script: ScriptStep[] = [{ do: 'waitFor', file: gate }, { do: 'succeed' }];
      const first = await start(script);
      const pid = await pidOf(first);
      const again = await start(script, 2);
      const elsewhere = harness.restarted();
      const found = await elsewhere.find('run_a/teacher');
      const restarted = await elsewhere.start({ input: stageInput(script), attempt: 3 });
      expect([again.attempt, found?.attempt, restarted.attempt]).toEqual([1, 1, 1]);
      expect(await pidOf(again)).toBe(pid);
      expect(await pidOf(restarted)).toBe(pid);
      writeFileSync(gate, '');
      expect((await restarted.wait()).state).toBe('succeeded');
      expect(await all(restarted)).toEqual(await all(first));
      await elsewhere.close();
    });

    it('starts one process for two starts at the same time', async () => {
      const gate = join(harness.shared, 'gate');
      const script: ScriptStep[] = [{ do: 'waitFor', file: gate }, { do: 'succeed' }];
      const handles = await Promise.all([start(script), start(script), start(script, 2)]);
      const pids = await Promise.all(handles.map(pidOf));
      expect(new Set(pids).size).toBe(1);
      writeFileSync(gate, '');
      await handles[0]?.wait();
    });

    it('answers an ended attempt with its end and never runs it again', async () => {
      const handle = await start([{ do: 'succeed' }]);
      await handle.wait();
      const pid = await pidOf(handle);
      const again = await start([{ do: 'fail', code: 'DIVERGED' }]);
      expect(await again.wait()).toMatchObject({ state: 'succeeded' });
      expect(await pidOf(again)).toBe(pid);
    });

    it('knows the checkpoint an attempt was started from, also after a restart', async () => {
      const resumeFrom = `sha256:${'a'.repeat(64)}` as const;
      const input = { ...stageInput([{ do: 'succeed' }]), resumeFrom };
      const handle = await harness.executor.start({ input, attempt: 2 });
      await handle.wait();
      const elsewhere = harness.restarted();
      const found = await elsewhere.find(handle.path);
      await elsewhere.close();
      expect([handle.resumedFrom, found?.resumedFrom]).toEqual([resumeFrom, resumeFrom]);
    });

    it('finds nothing where nothing was started', async () => {
      expect(await harness.executor.find('run_a/none')).toBeNull();
    });

    it('reports the error a stage ends with', async () => {
      const handle = await start([{ do: 'fail', code: 'DATA_INVALID' }]);
      expect(await handle.wait()).toMatchObject({
        state: 'failed',
        error: { code: 'DATA_INVALID', message: 'as scripted', fix: 'none', retryable: false },
      });
    });

    it('lets a cancelled stage write its last checkpoint', async () => {
      const handle = await start([{ do: 'stayPolitely' }]);
      await eventWhere(handle, isPhase('staying'));
      await handle.cancel();
      const exit = await handle.wait();
      expect([exit.state, codeOf(exit)]).toEqual(['failed', 'CANCELLED']);
      expect((await all(handle)).find((event) => event.type === 'checkpoint')).toMatchObject({
        step: 7,
      });
    });

    it('kills a stage that does not listen, after the grace period', async () => {
      const handle = await start([{ do: 'stayDeaf' }]);
      await eventWhere(handle, isPhase('staying'));
      await handle.cancel(200);
      const exit = await handle.wait();
      expect([exit.state, codeOf(exit)]).toEqual(['failed', 'CANCELLED']);
      await handle.cancel(); // once more: nothing happens
    });

    it('calls a killed stage lost, and the next attempt runs', async () => {
      const handle = await start([{ do: 'metrics', count: 5 }, { do: 'stayPolitely' }]);
      await eventWhere(handle, isPhase('staying'));
      harness.killStage(await pidOf(handle), handle);
      const exit = await handle.wait();
      expect([exit.state, codeOf(exit)]).toEqual(['lost', 'STAGE_CRASHED']);
      expect(exit.state !== 'succeeded' && exit.error.retryable).toBe(true);
      const found = await harness.executor.find('run_a/teacher');
      expect(found?.attempt).toBe(1);
      expect((await all(handle)).filter((event) => event.type === 'metric')).toHaveLength(5);
      const next = await start([{ do: 'succeed' }], 2);
      expect(next.attempt).toBe(2);
      expect((await next.wait()).state).toBe('succeeded');
    });

    it('tells a crash, with the end of stderr', async () => {
      const handle = await start([{ do: 'stderr', text: 'Assertion x > 0\n' }, { do: 'abort' }]);
      const exit = await handle.wait();
      expect([exit.state, codeOf(exit), exit.reason.signal]).toEqual([
        'failed',
        'STAGE_CRASHED',
        'SIGABRT',
      ]);
      expect(exit.state !== 'succeeded' && exit.error.message).toContain('Assertion x > 0');
    });

    it('does not take exit code 0 without a result for success', async () => {
      const exit = await (await start([{ do: 'exit', code: 0 }])).wait();
      expect([exit.state, codeOf(exit)]).toEqual(['failed', 'STAGE_CRASHED']);
    });

    it('holds a stage to its memory', async () => {
      const handle = await start([{ do: 'allocate', mebibytes: 2048 }, { do: 'succeed' }], 1, {
        memoryMiB: 512,
      });
      const exit = await handle.wait();
      expect([exit.state, codeOf(exit), exit.reason.outOfMemory]).toEqual([
        'failed',
        'STAGE_OUT_OF_MEMORY',
        true,
      ]);
      expect(exit.state !== 'succeeded' && exit.error.fix).toMatch(/batchSize/);
    });

    it('stops a stage at its deadline', async () => {
      const handle = await start([{ do: 'stayPolitely' }], 1, { deadlineMs: 1500 });
      const exit = await handle.wait();
      expect([exit.state, codeOf(exit)]).toEqual(['failed', 'STAGE_TIMEOUT']);
    });

    it('leaves out garbage, over-long, repeated and torn lines, and counts them', async () => {
      const repeated = JSON.stringify({ seq: 0, atMs: 1, type: 'phase', phase: 'again' });
      const handle = await start([
        {
          do: 'print',
          text: 'hello from a library\n{"seq":\n{"seq":1,"type":"nonsense"}\n\u0000\n',
        },
        { do: 'printLong', bytes: 300_000 },
        { do: 'print', text: `${repeated}\n` },
        { do: 'metrics', count: 1 },
        { do: 'print', text: '{"seq":99,"atMs":0,"type":"phase","pha' },
        { do: 'exit', code: 3 },
      ]);
      const exit = await handle.wait();
      expect(exit.reason.ignoredLines).toBe(6);
      expect((await all(handle)).map((event) => event.type)).toEqual(['log', 'metric']);
    });

    it('stops waiting when asked, and the stage goes on', async () => {
      const gate = join(harness.shared, 'gate');
      const handle = await start([{ do: 'waitFor', file: gate }, { do: 'succeed' }]);
      await eventWhere(handle, isPhase('waiting'));
      const abort = new AbortController();
      const waited = handle.wait(abort.signal);
      const followed = all({ ...handle, events: () => handle.events(0, abort.signal) });
      abort.abort(new Error('enough'));
      await expect(waited).rejects.toThrow('enough');
      await expect(followed).rejects.toThrow('enough');
      writeFileSync(gate, '');
      expect((await handle.wait()).state).toBe('succeeded');
    });
  });
}
