// The folder of one attempt: its names, what stands in them, and what that says about the attempt.
import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Digest, StageInput } from '@stillwatt/contracts';
import { isRunning, type ProcessIdentity, runningGroup } from './processes.ts';

/** What the executor must still know after a restart of its host. */
export interface AttemptRecord {
  path: string;
  attempt: number;
  key: string;
  resumedFrom: Digest | null;
  /** CPU places it takes. */
  weight: number;
  startedAtMs: number;
  deadlineAtMs: number | null;
  /** The kernel's counter before the start. */
  outOfMemoryKills: number | null;
  memoryMiB: number | null;
}

export type StopCause = 'cancel' | 'deadline';

export type AttemptState =
  | { state: 'starting' }
  | { state: 'running'; leader: ProcessIdentity }
  | { state: 'ended'; exitCode: number | null };

/** A launcher writes process.json in milliseconds; after this it never will. */
const launchLimitMs = 5000;

/** Folder of all attempts of a path. */
export function pathFolder(home: string, path: string): string {
  return join(home, 'attempts', createHash('sha256').update(path).digest('hex').slice(0, 24));
}

/** Numbers of the attempts kept of a path, ascending. */
export function listAttempts(folder: string): number[] {
  return names(folder)
    .filter((name) => /^[1-9]\d*$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/** Every attempt folder under home. */
export function allAttemptFolders(home: string): string[] {
  const root = join(home, 'attempts');
  return names(root).flatMap((hash) =>
    listAttempts(join(root, hash)).map((attempt) => join(root, hash, String(attempt))),
  );
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Makes the folder and writes down what the stage reads and what we must know later. */
export function prepareAttempt(folder: string, record: AttemptRecord, input: StageInput): void {
  mkdirSync(folder, { recursive: true });
  writeWhole(join(folder, 'input.json'), input);
  writeWhole(join(folder, 'attempt.json'), record);
}

function writeWhole(file: string, value: unknown): void {
  const temporary = `${file}.${process.pid}`;
  const descriptor = openSync(temporary, 'w', 0o600);
  try {
    writeFileSync(descriptor, JSON.stringify(value, null, 2));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, file);
}

export function readRecord(folder: string): AttemptRecord | null {
  return readJson(join(folder, 'attempt.json')) as AttemptRecord | null;
}

/** Notes that we stop it, and why, before any signal is sent; the first cause stays. */
export function noteStop(folder: string, cause: StopCause): void {
  try {
    writeFileSync(join(folder, 'stop.json'), JSON.stringify({ cause }), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

export function readStop(folder: string): StopCause | null {
  const note = readJson(join(folder, 'stop.json')) as { cause: StopCause } | null;
  return note?.cause ?? null;
}

/** Whether the attempt is on its way, runs or has ended, from its files and the process table. */
export function inspectAttempt(folder: string): AttemptState {
  const exit = readJson(join(folder, 'exit.json')) as { code: number } | null;
  if (exit) return { state: 'ended', exitCode: exit.code };
  const leader = readJson(join(folder, 'process.json')) as ProcessIdentity | null;
  if (leader) {
    if (isRunning(leader)) return { state: 'running', leader };
    // It may have written its exit code between our two looks.
    const late = readJson(join(folder, 'exit.json')) as { code: number } | null;
    if (late) return { state: 'ended', exitCode: late.code };
    // Somebody killed the launcher alone: the stage itself may go on.
    if (runningGroup(leader, folder).length > 0) return { state: 'running', leader };
    return { state: 'ended', exitCode: null };
  }
  const record = readRecord(folder);
  const fresh = record !== null && Date.now() - record.startedAtMs < launchLimitMs;
  return fresh ? { state: 'starting' } : { state: 'ended', exitCode: null };
}

/** True while a process may still write into the folder. */
export function isLive(folder: string): boolean {
  return inspectAttempt(folder).state !== 'ended';
}

/** Null for a file that is absent, empty or not yet whole. */
function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') {
      return null;
    }
    throw error;
  }
}

/** The last `bytes` of what the process said on stderr. */
export function readStderrTail(folder: string, bytes = 4000): string {
  let descriptor: number;
  try {
    descriptor = openSync(join(folder, 'stderr.log'), 'r');
  } catch {
    return ''; // it never came so far as to open it
  }
  try {
    const { size } = fstatSync(descriptor); // what a library prints in a loop may be large
    const tail = Buffer.alloc(Math.min(size, bytes));
    const read = readSync(descriptor, tail, 0, tail.length, size - tail.length);
    return tail.subarray(0, read).toString('utf8').trim();
  } finally {
    closeSync(descriptor);
  }
}

/** Removes attempts whose end has been told since longer than `ageMs`. Answers with how many. */
export function removeOldAttempts(home: string, ageMs: number): number {
  const before = Date.now() - ageMs;
  const old = allAttemptFolders(home).filter((folder) => {
    const told = statSync(join(folder, 'verdict.json'), { throwIfNoEntry: false });
    return told !== undefined && told.mtimeMs < before;
  });
  for (const folder of old) {
    rmSync(folder, { recursive: true, force: true });
    if (names(dirname(folder)).length === 0) rmSync(dirname(folder), { recursive: true });
  }
  return old.length;
}

/** Removes the attempts of a path before this one; the last keeps its log. */
export function removeEarlierAttempts(home: string, record: AttemptRecord): void {
  const folder = pathFolder(home, record.path);
  for (const attempt of listAttempts(folder)) {
    if (attempt < record.attempt) rmSync(join(folder, String(attempt)), { recursive: true });
  }
}
