// How long an attempt took is told in whatever way it ended.
import type { StageEvent, StageWorkInput } from '@stillwatt/contracts';
import type { Exit, Handle } from '@stillwatt/executors';
import { expect, it } from 'vitest';
import { followAttempt } from './stage-process.ts';

const yes = async () => true;
const work = { path: 'run_1/data', projectId: 'prj_1', key: 'k', kind: 'data' } as StageWorkInput;
const phase = (seq: number, atMs: number): StageEvent => ({ seq, atMs, type: 'phase', phase: 'p' });

async function follow(events: StageEvent[], wait: () => Promise<Exit>) {
  const told: unknown[][] = [];
  const deps = {
    db: { attempts: { start: yes, finish: yes }, stages: { setState: yes, setProgress: yes } },
    store: { project: () => ({ getResult: async () => null }) },
    telemetry: { stageStarted: () => undefined, stageEnded: (...all: unknown[]) => told.push(all) },
  } as never;
  const handle = {
    ...{ path: work.path, attempt: 1, resumedFrom: null, wait },
    async *events() {
      yield* events;
    },
  } as unknown as Handle;
  const { signal } = new AbortController();
  await followAttempt({ deps, work, handle, detach: signal }).catch(() => undefined);
  return told;
}

const failed = { state: 'failed', error: { code: 'DIVERGED' }, reason: {} } as Exit;

it('of a failed one from its first word to its last', async () => {
  const events = [phase(0, 1000), phase(1, 2000), phase(2, 4500)];
  expect(await follow(events, async () => failed)).toEqual([['data', 'failed', 3.5]]);
});

it('of one that said nothing, or is let go of, not at all', async () => {
  expect(await follow([], async () => failed)).toEqual([['data', 'failed', null]]);
  const letGo = () => Promise.reject(new Error('the activity lets go'));
  expect(await follow([phase(0, 1000)], letGo)).toEqual([['data', 'detached', null]]);
});
