// One set-up at a time per cache: the second waits for the first.
import { linkSync, mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, identityOf } from './processes.mjs';

/**
 * Runs `work` while holding the lock; a lock of a dead process is taken over.
 * @template T @param {string} file @param {(owner: number) => void} onWait @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, onWait, work) {
  mkdirSync(path.dirname(file), { recursive: true });
  let told = false;
  while (!take(file)) {
    const owner = ownerOf(file);
    if (owner === null || !isAlive(owner.pid, owner.identity)) {
      rmSync(file, { force: true });
      continue;
    }
    if (!told) onWait(owner.pid);
    told = true;
    await sleep(500);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** The lock file appears with its content, so that nobody reads half of it. @param {string} file */
function take(file) {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, `${process.pid} ${identityOf(process.pid)}`);
  try {
    linkSync(mine, file);
    return true;
  } catch {
    return false;
  } finally {
    unlinkSync(mine);
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
