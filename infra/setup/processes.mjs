// Tells a process from a later one that got the same number.
import { readFileSync } from 'node:fs';

/**
 * Boot and start time of a process: with its number, an identity for good. Empty where it is gone
 * or only waits to be reaped.
 * @param {number} pid
 */
export function identityOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // fields count from the end of the command name, which may itself hold spaces and brackets
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state, startTicks] = [fields[0], fields[19]];
    if (state === 'Z' || state === 'X' || startTicks === undefined) return '';
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${boot}:${startTicks}`;
  } catch {
    return '';
  }
}

/** @param {number} pid @param {string} identity what identityOf gave when the process was known */
export function isAlive(pid, identity) {
  return identity !== '' && identityOf(pid) === identity;
}
