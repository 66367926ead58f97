// Tells a process from a later one that got the same number.
import { readFileSync } from 'node:fs';

/** Start time in clock ticks since boot: tells a process from a later one with the same number. @param {number} pid */
export function startTimeOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // fields after the command name, which may itself hold spaces and brackets; start time is the 22nd
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** @param {number} pid @param {string} startedAt */
export function isAlive(pid, startedAt) {
  const now = startTimeOf(pid);
  return now !== '' && now === startedAt;
}
