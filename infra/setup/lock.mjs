// A lock file that dies with its owner.
import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, isAlive } from './processes.mjs';

/**
 * Runs `work` while holding the lock; waits while a living process holds it.
 * @template T @param {string} file @param {(owner: number) => void} onWait @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, onWait, work) {
  let told = false;
  for (let owner = tryLock(file); owner !== null; owner = tryLock(file)) {
    if (!told) onWait(owner);
    told = true;
    await sleep(500);
  }
  try {
    return await work();
  } finally {
    unlock(file);
  }
}

/**
 * Takes the lock, also from a process that is dead. Null when it is ours now, else its owner's pid.
 * @param {string} file @returns {number | null}
 */
export function tryLock(file) {
  mkdirSync(path.dirname(file), { recursive: true });
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, `${process.pid} ${identityOf(process.pid)}`, { mode: 0o600 });
  try {
    // a link appears with its content, so that nobody reads half a lock
    while (!moved(() => linkSync(mine, file))) {
      const owner = ownerOf(file);
      if (owner && isAlive(owner.pid, owner.identity)) return owner.pid;
      removeStale(file);
    }
    return null;
  } finally {
    unlinkSync(mine);
  }
}

/** Lets go of a lock of ours. @param {string} file */
export function unlock(file) {
  if (ownerOf(file)?.pid === process.pid) rmSync(file, { force: true });
}

/** Of two that find the same stale lock, one may move the other's fresh one: then it goes back.
 * @param {string} file */
function removeStale(file) {
  const aside = `${file}.stale.${process.pid}`;
  if (!moved(() => renameSync(file, aside))) return;
  const owner = ownerOf(aside);
  if (owner && isAlive(owner.pid, owner.identity)) moved(() => linkSync(aside, file));
  rmSync(aside, { force: true });
}

/** True if it happened, false if the file is there already, or not there any more. @param {() => void} move */
function moved(move) {
  try {
    move();
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    throw error;
  }
}

/** @param {string} file */
function ownerOf(file) {
  try {
    const [pid, identity] = readFileSync(file, 'utf8').split(' ');
    return { pid: Number(pid), identity: identity ?? '' };
  } catch {
    return null;
  }
}
