// Runs stages as child processes of this machine that outlive their host.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type StageInput, stageInputSchema, StillwattError } from '@stillwatt/contracts';
import type { Executor, Handle, StartRequest } from '../base.ts';
import {
  allAttemptFolders,
  type AttemptRecord,
  inspectAttempt,
  isLive,
  listAttempts,
  pathFolder,
  prepareAttempt,
  readRecord,
  removeEarlierAttempts,
  removeOldAttempts,
} from './attempt-folder.ts';
import { concludeAttempt } from './conclude.ts';
import { stageEnvironment } from './environment.ts';
import { createHandle } from './handle.ts';
import { readOutOfMemoryKills } from './out-of-memory.ts';
import { createSlots, type Release } from './slots.ts';
import { stopAttempt } from './stop.ts';
import { watchFolder } from './watch.ts';

const launcher = fileURLToPath(new URL('launch.sh', import.meta.url));
const defaultGraceMs = 30_000;
/** A timer of more than 24.8 days fires at once. */
const longestTimerMs = 2 ** 31 - 1;

export interface LocalProcessOptions {
  /** Folder that holds `attempts/`. */
  home: string;
  /** Program and first arguments of the stage process; the path of input.json is added. */
  command: readonly string[];
  /** CPU places; a stage takes as many as it has threads, a profile all of them. */
  slots: number;
  /** The host's environment, of which a stage gets the few listed names. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Time between the polite signal and SIGKILL. */
  graceMs?: number;
  /** Hears of trouble in the background (an old folder that cannot be removed). */
  onProblem: (error: unknown) => void;
}

export interface LocalProcessExecutor extends Executor {
  /** Places in all, taken, and requests that wait; for metrics. */
  capacity(): { total: number; taken: number; waiting: number };
  /** Removes the folders of attempts that ended longer ago, with their logs. Answers with how many. */
  forgetOlderThan(ageMs: number): number;
}

export function createLocalProcessExecutor(options: LocalProcessOptions): LocalProcessExecutor {
  const { command, environment, graceMs = defaultGraceMs, onProblem } = options;
  mkdirSync(options.home, { recursive: true });
  const home = realpathSync(options.home); // as /proc names the folder a process works in
  const slots = createSlots(options.slots);
  const closing = new AbortController();
  /** Attempts this host looks after: their places, their deadline, the clean-up after them. */
  const attended = new Set<string>();

  function attend(folder: string, record: AttemptRecord, release: Release): void {
    if (attended.has(folder)) return release();
    attended.add(folder);
    const ended = new AbortController();
    if (record.deadlineAtMs !== null) {
      const signal = AbortSignal.any([ended.signal, closing.signal]);
      void stopAt(folder, record.deadlineAtMs, signal).catch(onProblem);
    }
    concludeAttempt(folder, closing.signal)
      .then((exit) => {
        if (exit.state === 'succeeded') removeEarlierAttempts(home, record);
      })
      .catch((error: unknown) => {
        if (!closing.signal.aborted) onProblem(error);
      })
      .finally(() => {
        ended.abort();
        attended.delete(folder);
        release();
      });
  }

  async function stopAt(folder: string, atMs: number, signal: AbortSignal): Promise<void> {
    for (let leftMs = atMs - Date.now(); leftMs > 0; leftMs = atMs - Date.now()) {
      const pauseMs = Math.min(leftMs, longestTimerMs);
      await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
    }
    await stopAttempt(folder, 'deadline', graceMs);
  }

  /** What still runs from an earlier host keeps its places. */
  function adopt(folder: string): AttemptRecord | null {
    const record = readRecord(folder);
    if (record && !attended.has(folder) && isLive(folder)) {
      attend(folder, record, slots.occupy(record.weight));
    }
    return record;
  }

  function handleOf(path: string, attempt: number): Handle {
    const folder = join(pathFolder(home, path), String(attempt));
    const record = adopt(folder);
    return createHandle(folder, path, attempt, record?.resumedFrom ?? null, graceMs);
  }

  /** The attempt a start must not run beside or again: a live one of the path, or this very one. */
  function existing(path: string, attempt: number): Handle | null {
    const folder = pathFolder(home, path);
    const attempts = listAttempts(folder);
    const live = attempts.findLast(
      (number) =>
        readRecord(join(folder, String(number))) !== null && isLive(join(folder, String(number))),
    );
    if (live !== undefined) return handleOf(path, live);
    const wasStarted = existsSync(join(folder, String(attempt), 'process.json'));
    return wasStarted ? handleOf(path, attempt) : null;
  }

  for (const folder of allAttemptFolders(home)) adopt(folder);

  return {
    name: 'local-process',
    forgetOlderThan: (ageMs) => removeOldAttempts(home, ageMs),
    capacity: () => ({ total: slots.total, taken: slots.taken(), waiting: slots.waiting() }),

    async start(request) {
      const { attempt, signal, onQueued } = request;
      const input = stageInputSchema.parse(request.input);
      const found = existing(input.path, attempt);
      if (found) return found;

      const weight = input.kind === 'profile' ? slots.total : Math.min(input.threads, slots.total);
      const release = await slots.acquire(weight, { onQueued, signal });
      const folder = join(pathFolder(home, input.path), String(attempt));
      try {
        // Another start may have come first while we waited. No await from here to the spawn.
        const late = existing(input.path, attempt);
        if (late) {
          release();
          return late;
        }
        await launch(folder, recordOf(request, weight), input);
      } catch (error) {
        release();
        throw error;
      }
      const record = readRecord(folder);
      if (record) attend(folder, record, release);
      return handleOf(input.path, attempt);
    },

    async find(path) {
      const latest = listAttempts(pathFolder(home, path)).at(-1);
      return latest === undefined ? null : handleOf(path, latest);
    },

    async close() {
      closing.abort(new Error('the executor was closed'));
    },
  };

  function recordOf(request: StartRequest, weight: number): AttemptRecord {
    const startedAtMs = Date.now();
    return {
      path: request.input.path,
      attempt: request.attempt,
      key: request.input.key,
      resumedFrom: request.input.resumeFrom,
      weight,
      startedAtMs,
      deadlineAtMs: request.deadlineMs === undefined ? null : startedAtMs + request.deadlineMs,
      outOfMemoryKills: readOutOfMemoryKills(),
      memoryMiB: request.memoryMiB ?? null,
    };
  }

  function prepare(folder: string, record: AttemptRecord, input: StageInput): void {
    try {
      prepareAttempt(folder, record, input);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code !== 'ENOSPC' && code !== 'EDQUOT') throw cause;
      throw new StillwattError('STORAGE_FULL', `the disk of ${home} is full`, {
        fix: 'free disk space, then start the run again',
        cause,
      });
    }
  }

  /** Resolves when the launcher has written process.json, or an earlier one had. */
  async function launch(folder: string, record: AttemptRecord, input: StageInput): Promise<void> {
    prepare(folder, record, input);
    const memoryKiB = (record.memoryMiB ?? 0) * 1024;
    const child = spawn(
      '/bin/sh',
      [launcher, folder, String(memoryKiB), ...command, join(folder, 'input.json')],
      {
        cwd: folder,
        detached: true, // a session of its own: neither the host's end nor its terminal reaches it
        stdio: 'ignore',
        env: stageEnvironment(environment, input.threads) as NodeJS.ProcessEnv,
      },
    );
    try {
      await once(child, 'spawn');
    } catch (cause) {
      throw new StillwattError('STAGE_CRASHED', 'the stage process could not be started', {
        fix: 'see why /bin/sh cannot be run here (process limit, memory)',
        cause,
        retryable: true,
      });
    }
    child.unref();
    const watch = watchFolder(folder);
    try {
      while (inspectAttempt(folder).state === 'starting') await watch.next();
    } finally {
      watch.close();
    }
  }
}
