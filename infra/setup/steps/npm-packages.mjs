// Step: the npm packages of the lock file, exactly.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { run } from '../command.mjs';
import { root } from '../env.mjs';
import { SetupError } from '../errors.mjs';
import { readIfThere } from '../files.mjs';

/** @type {import('../steps.mjs').Step} */
export const npmPackages = {
  name: 'npm-packages',
  title: 'npm packages',
  downloadMb: 300,
  diskMb: 1200,
  purposes: ['demo', 'test', 'check'],

  missing() {
    const wanted = readIfThere(path.join(root, 'package-lock.json'));
    if (wanted === null) return 'package-lock.json is not there';
    // npm writes this file last, so that it is there only when an installation was finished
    const installed = readIfThere(path.join(root, 'node_modules/.package-lock.json'));
    if (installed === null) return 'node_modules is not installed';
    return lockDifference(JSON.parse(wanted), JSON.parse(installed));
  },

  async run({ env, progress, log }) {
    progress.note('npm ci');
    const result = await run('npm', ['ci', '--no-progress'], {
      cwd: root,
      env: { ...env.inherited, ONNXRUNTIME_NODE_INSTALL: 'skip' },
      log,
    });
    if (result.code === 0 && existsSync(path.join(root, 'node_modules/.package-lock.json'))) return;
    throw new SetupError(
      `npm ci ended with code ${result.code}:\n${result.tail}`,
      'check the network and `npm config get registry`, then run the same command again',
    );
  },
};

/**
 * @typedef {{ version?: string, integrity?: string, link?: boolean, optional?: boolean, devOptional?: boolean, peer?: boolean }} LockEntry
 * @typedef {{ packages?: Record<string, LockEntry> }} Lock
 */

/**
 * The first difference between what the lock file asks for and what npm says it installed, or null.
 * An optional package may be absent: it is for another platform.
 * @param {Lock} wanted @param {Lock} installed
 */
export function lockDifference(wanted, installed) {
  const have = installed.packages ?? {};
  const want = wanted.packages ?? {};
  for (const [name, entry] of Object.entries(want)) {
    if (!name.startsWith('node_modules/') && !name.includes('/node_modules/')) continue;
    const found = have[name];
    if (!found) {
      if (entry.optional || entry.devOptional) continue;
      return `${name} is not installed`;
    }
    if (entry.version !== found.version || entry.integrity !== found.integrity) {
      return `${name} is ${found.version}, the lock file says ${entry.version}`;
    }
  }
  const extra = Object.keys(have).find((name) => !(name in want));
  return extra === undefined ? null : `${extra} is installed, the lock file does not have it`;
}
