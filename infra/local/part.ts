// One supervised process: started, awaited, started again when it dies, stopped.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { StillwattError } from '@stillwatt/contracts';
import { identityOf } from '../setup/processes.mjs';
import type { ChildEnv } from './env.ts';
import { signal } from './leftovers.ts';
import type { PartName, PartState, PartView } from './state.ts';

/** Pause before the n-th start in a row: 0.25 s, doubled up to 10 s; forgotten after 30 s of life. */
const firstPauseMs = 250;
const longestPauseMs = 10_000;
const steadyAfterMs = 30_000;
const lookEveryMs = 50;
const keptLogBytes = 20_000_000;

export interface Command {
  file: string;
  args: string[];
  cwd: string;
  env: ChildEnv;
  uid?: number;
  gid?: number;
}

/** What a service tells the supervisor about itself. */
export interface Service {
  name: PartName;
  log: string;
  ports: Record<string, number>;
  /** Before each start: folders, stale locks. */
  prepare?: () => Promise<void>;
  command: () => Command;
  /** True once it answers. Called again and again while the process lives. */
  isReady: () => Promise<boolean>;
  readyWithinMs: number;
  stopSignal: NodeJS.Signals;
  stopWithinMs: number;
}

export interface Part {
  readonly name: PartName;
  view(): PartView;
  /** Starts it and resolves when it answers; several tries. Rejects with the last lines of its log. */
  start(): Promise<void>;
  /** Resolves when it answers, also after a restart by the supervisor. */
  untilReady(): Promise<void>;
  /** Sends a signal to its process. With SIGKILL or SIGTERM, resolves when that process is gone. */
  kill(name: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
}

export interface PartOptions {
  /** Start it again when it dies. */
  restart: boolean;
  /** Tries until the first start counts as failed. */
  tries: number;
  onChange: () => void;
  /** Told when it died and is started again, in words for people. */
  onNotice: (text: string) => void;
}

export function createPart(service: Service, options: PartOptions): Part {
  const { restart, tries, onChange, onNotice } = options;
  let state: PartState = 'stopped';
  let child: ChildProcess | null = null;
  let identity: string | null = null;
  let restarts = 0;
  let inARow = 0;
  /** What the caller wants: a stop during a start or a pause must win. */
  let wanted = false;
  let starting: Promise<void> | null = null;
  let wake = () => {};

  function change(next: PartState) {
    state = next;
    onChange();
  }

  /** One try: process up, then ready; throws if it ends first. */
  async function startOnce(): Promise<void> {
    await service.prepare?.();
    if (!wanted) return;
    const started = launch(service);
    const life = { startedAt: Date.now(), ended: false };
    child = started;
    identity = started.pid === undefined ? null : identityOf(started.pid);
    const failure = new Promise<string>((resolve) => {
      started.once('error', (error) => resolve(error.message));
      started.once('exit', (code, name) =>
        resolve(name ? `ended by ${name}` : `exit code ${code}`),
      );
    });
    const ended = failure.then((why) => {
      life.ended = true;
      if (child === started) child = null;
      if (Date.now() - life.startedAt > steadyAfterMs) inARow = 0;
      const wasReady = state === 'ready';
      change(wanted ? 'down' : 'stopped');
      if (wasReady && wanted && restart) {
        onNotice(`${service.name} ended (${why}); starting it again`);
        void startAgain();
      }
      return why;
    });
    change('starting');
    const deadline = Date.now() + service.readyWithinMs;
    try {
      while (!(await service.isReady())) {
        if (life.ended) throw notStarted(service, await ended);
        if (Date.now() > deadline) {
          throw notStarted(service, `no answer within ${service.readyWithinMs / 1000} s`);
        }
        await sleep(lookEveryMs);
      }
    } catch (error) {
      started.kill('SIGKILL');
      await ended;
      throw error;
    }
    if (life.ended) throw notStarted(service, await ended);
    change('ready');
  }

  /** Tries until it is ready, `limit` tries were in vain, or it is to stop. */
  function tryTo(limit: number): Promise<void> {
    starting ??= (async () => {
      for (let count = 1; wanted; count += 1) {
        try {
          await startOnce();
          return;
        } catch (error) {
          if (count >= limit) throw error;
          await pause();
        }
      }
    })().finally(() => {
      starting = null;
    });
    return starting;
  }

  /** Before another try: longer each time, cut short by a stop. */
  async function pause() {
    inARow += 1;
    restarts += 1;
    onChange();
    const ms = Math.min(longestPauseMs, firstPauseMs * 2 ** (inARow - 1));
    const woken = new AbortController();
    wake = () => woken.abort();
    await sleep(ms, undefined, { signal: woken.signal }).catch(() => undefined);
  }

  async function startAgain() {
    await pause();
    await tryTo(Infinity);
  }

  return {
    name: service.name,
    view: () => ({
      state,
      pid: child?.pid ?? null,
      identity: child ? identity : null,
      restarts,
      log: service.log,
      ports: service.ports,
    }),
    async start() {
      wanted = true;
      if (state !== 'ready') await tryTo(tries);
    },
    async untilReady() {
      while (state !== 'ready') {
        if (!wanted) throw new StillwattError('UNAVAILABLE', `${service.name} is stopped`);
        await (starting ?? sleep(lookEveryMs));
      }
    },
    async kill(name) {
      const target = child;
      if (!target) throw new StillwattError('CONFLICT', `${service.name} does not run`);
      const gone = new Promise((resolve) => target.once('exit', resolve));
      target.kill(name);
      if (name === 'SIGKILL' || name === 'SIGTERM') await gone;
    },
    async stop() {
      wanted = false;
      wake();
      const target = child;
      if (target?.pid !== undefined) {
        const gone = new Promise((resolve) => target.once('exit', resolve));
        target.kill(service.stopSignal);
        const timer = setTimeout(() => target.kill('SIGKILL'), service.stopWithinMs);
        await gone;
        clearTimeout(timer);
        signal(-target.pid, 'SIGKILL'); // what it started in its own group
      }
      await starting?.catch(() => undefined);
      change('stopped');
    },
  };
}

/** In a group of its own, so that Ctrl-C reaches the supervisor alone; its output goes to the log by itself. */
function launch(service: Service): ChildProcess {
  const { file, args, cwd, env, uid, gid } = service.command();
  rotate(service.log);
  const log = openSync(service.log, 'a', 0o600);
  try {
    return spawn(file, args, {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', log, log],
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
  } finally {
    closeSync(log);
  }
}

function rotate(log: string): void {
  const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  if (size > keptLogBytes) renameSync(log, `${log}.1`);
}

function notStarted(service: Service, why: string): StillwattError {
  return new StillwattError(
    'UNAVAILABLE',
    `${service.name} did not start (${why}):\n${lastLines(service.log)}`,
    { fix: `its whole log is ${service.log}`, retryable: true },
  );
}

function lastLines(log: string): string {
  try {
    const text = readFileSync(log, 'utf8').slice(-4000).trimEnd();
    return text.split('\n').slice(-8).join('\n');
  } catch {
    return '(no log)';
  }
}
