// What tests ask of, and do to, processes from outside.
import { readFileSync } from 'node:fs';

/** The process group of a pid: the launcher of an attempt leads it. */
export function groupOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
}

/** kill -9 for a stage and its launcher together. */
export function killGroupOf(pid: number): void {
  process.kill(-groupOf(pid), 'SIGKILL');
}
