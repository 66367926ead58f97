// Who a pid is, from /proc: alive, ours, and its group.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A process for good: a pid alone may be given to another one later. */
export interface ProcessIdentity {
  pid: number;
  /** Start in clock ticks since boot. */
  startTicks: number;
  bootId: string;
}

interface Stat {
  state: string;
  group: number;
  startTicks: number;
}

function readStat(pid: number | string): Stat | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null; // gone
  }
  // The command in parentheses may hold spaces and parentheses: fields count from the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    state: fields[0] ?? '?',
    group: Number(fields[2]),
    startTicks: Number(fields[19]),
  };
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
}

/** True if exactly this process runs; one that only waits to be reaped does not. */
export function isRunning(who: ProcessIdentity): boolean {
  const stat = readStat(who.pid);
  return (
    stat !== null &&
    stat.startTicks === who.startTicks &&
    stat.state !== 'Z' &&
    stat.state !== 'X' &&
    who.bootId === bootId()
  );
}

/**
 * Pids of the group this process led that work in its folder. The folder matters: once the group is
 * empty its number may be given to strangers.
 */
export function runningGroup(leader: ProcessIdentity, folder: string): number[] {
  if (leader.bootId !== bootId()) return [];
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const stat = readStat(name);
    const alive = stat !== null && stat.state !== 'Z' && stat.state !== 'X';
    return alive && stat.group === leader.pid && workingFolder(name) === folder
      ? [Number(name)]
      : [];
  });
}

function workingFolder(pid: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null; // gone
  }
}

/** Sends a signal to the whole group; nothing happens if it is gone. */
export function signalGroup(
  leader: ProcessIdentity,
  folder: string,
  signal: 'SIGTERM' | 'SIGKILL',
): void {
  if (!isRunning(leader) && runningGroup(leader, folder).length === 0) return;
  try {
    process.kill(-leader.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
