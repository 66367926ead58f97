// Ends what an earlier supervisor of this folder left behind when it was killed.
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { variables } from '@stillwatt/contracts';
import { identityOf, isAlive } from '../setup/processes.mjs';

const graceMs = 5000;
const lookEveryMs = 50;

export interface KnownProcess {
  pid: number;
  identity: string;
}

/** Processes that carry the mark of a stack in their environment: parts, and stages of the host. */
export function processesOf(stackId: string): KnownProcess[] {
  const mark = `${variables.stack}=${stackId}`;
  return allPids().flatMap((pid) => {
    if (pid === process.pid) return [];
    const environment = readIfAllowed(`/proc/${pid}/environ`);
    if (!environment.split('\0').includes(mark)) return [];
    const identity = identityOf(pid);
    return identity === '' ? [] : [{ pid, identity }];
  });
}

/** Asks them to end, then kills those that remain. Resolves when all are gone. */
export async function endProcesses(known: readonly KnownProcess[]): Promise<void> {
  const alive = () => known.filter(({ pid, identity }) => isAlive(pid, identity));
  for (const { pid } of alive()) signal(pid, 'SIGTERM');
  const deadline = Date.now() + graceMs;
  while (alive().length > 0 && Date.now() < deadline) await sleep(lookEveryMs);
  for (const { pid } of alive()) signal(pid, 'SIGKILL');
  while (alive().length > 0) await sleep(lookEveryMs);
}

export function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readIfAllowed(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return ''; // gone, or another user's
  }
}
