// Activities in memory for workflow tests: stages take no time, or as long as a test holds them.
import { createHash } from 'node:crypto';
import {
  type Activities,
  type CloseRunInput,
  type ErrorCode,
  type RecordStageInput,
  type RecordSweepInput,
  runPath,
  StillwattError,
  type StageResult,
  type StageState,
  type StageWorkInput,
  workflowNames,
} from '@stillwatt/contracts';
import type { Client } from '@temporalio/client';
import { Context } from '@temporalio/activity';
import { toFailure } from '../../workers/activities/failures.ts';
import { stageKey } from '../../workers/activities/stage-key.ts';
import { createStageStarter } from '../../workers/host/temporal.ts';

export interface Script {
  activities: Activities;
  /** Paths of stages that were computed, in order; one that was computed twice is there twice. */
  computed: string[];
  /** What runs asked for. */
  requested: StageWorkInput[];
  /** Paths whose computation was cancelled. */
  stopped: string[];
  stages: Map<string, RecordStageInput>;
  runs: Map<string, CloseRunInput>;
  sweeps: RecordSweepInput[];
  /** Runs that are open now, and the most there were at once. */
  open: { now: number; most: number };
  /** Sweeps whose first activity was called. */
  opening: number;
  /** Stages of this name, or `openRun` or `openSweep`, wait until the returned function is called. */
  hold(stage: string): () => void;
  /** Stages of this name fail from now on; `findStage`: the look of a stage's own workflow into the cache. */
  fail(stage: string, code: ErrorCode): void;
  /** Resolves when `isSo` holds; looked at after every call of an activity. */
  until(isSo: () => boolean): Promise<void>;
}

/** `cacheName` goes into the keys, so that tests in one server share no cache. */
export function scriptActivities(client: Client, cacheName: string): Script {
  const results = new Map<string, StageResult>();
  const held = new Map<string, { promise: Promise<void>; release: () => void }>();
  const failing = new Map<string, ErrorCode>();
  const watchers = new Set<() => void>();
  const starter = createStageStarter(client);
  const changed = (): void => {
    for (const look of watchers) look();
  };

  const script: Script = {
    computed: [],
    requested: [],
    stopped: [],
    stages: new Map(),
    runs: new Map(),
    sweeps: [],
    open: { now: 0, most: 0 },
    opening: 0,
    hold(stage) {
      let release = (): void => undefined;
      const promise = new Promise<void>((resolve) => (release = resolve));
      held.set(stage, { promise, release });
      return () => {
        held.delete(stage);
        release();
      };
    },
    fail: (stage, code) => void failing.set(stage, code),
    until: (isSo) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!isSo()) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    activities: {
      async openRun() {
        script.open.now++;
        script.open.most = Math.max(script.open.most, script.open.now);
        changed();
        await held.get('openRun')?.promise;
        return { threads: 1 };
      },
      async closeRun(input) {
        script.open.now--;
        script.runs.set(input.runId, input);
        changed();
      },
      async openSweep() {
        script.opening++;
        changed();
        await held.get('openSweep')?.promise;
      },
      async recordSweep(input) {
        script.sweeps.push(input);
        changed();
      },
      async keyStage(input) {
        return stageKey(input, { codeVersion: 'scripted', kernels: cacheName });
      },
      async findStage({ key }) {
        if (Context.current().info.workflowType === workflowNames.stage) failAsTold('findStage');
        const result = results.get(key);
        return result ? { result, ownerPath: result.path } : null;
      },
      async requestStage({ work, wait }) {
        const answer = await starter.ask(work, wait);
        script.requested.push(work);
        changed();
        return answer;
      },
      async runStage(work) {
        const name = work.path.split('/').at(-1) ?? '';
        script.computed.push(work.path);
        changed();
        await Promise.race([held.get(name)?.promise, cancelled(work)]);
        failAsTold(name);
        const result = resultOf(work);
        results.set(work.key, result);
        return result;
      },
      async stopStage() {},
      async recordStage(input) {
        script.stages.set(input.path, input);
        changed();
      },
    },
  };
  return script;

  function failAsTold(name: string): void {
    const code = failing.get(name);
    if (code) throw toFailure(new StillwattError(code, 'as scripted', { fix: 'none' }));
  }

  /** Rejects when the activity is cancelled; beats so that it hears of it. */
  async function cancelled({ path }: StageWorkInput): Promise<never> {
    const context = Context.current();
    const timer = setInterval(() => context.heartbeat(), 50);
    try {
      return await context.cancelled;
    } catch (error) {
      script.stopped.push(path);
      changed();
      throw error;
    } finally {
      clearInterval(timer);
    }
  }
}

/** States of a run's stages by name. */
export function statesOf(script: Script, runId: string, sweepId: string | null = null) {
  const prefix = `${runPath(runId, sweepId)}/`;
  const states: Record<string, StageState> = {};
  for (const [path, { state }] of script.stages) {
    if (path.startsWith(prefix)) states[path.slice(prefix.length)] = state;
  }
  return states;
}

function resultOf({ path, key, kind }: StageWorkInput): StageResult {
  const digest = `sha256:${createHash('sha256').update(key).digest('hex')}`;
  return {
    path,
    key,
    output: { digest, kind: kind === 'data' ? 'dataset' : 'model', sizeBytes: 1 },
    summary: {},
    provenance: {
      node: '22',
      tensorflow: 'not used',
      engine: 'scripted',
      kernels: 'not used',
      threads: 1,
      cpu: 'any',
      host: 'any',
    },
    wallSeconds: 0,
    cpuSeconds: 0,
    peakRssBytes: 0,
  };
}
