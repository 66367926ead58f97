// Files that appear whole or not at all, and hashes over them.
import { createHash } from 'node:crypto';
import {
  createReadStream,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

/** What is made rather than written, and tests: no build reads them. */
const madeFolders = new Set(['node_modules', '.next', 'dist', 'generated', 'bundle', 'target']);
const notSource = /^next-env\.d\.ts$|\.tsbuildinfo$|\.test\.tsx?$/;

/** @param {string} file @param {string} text */
export function writeWhole(file, text) {
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}

/** Text of a file, or null where there is none. @param {string} file */
export function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** Puts a finished folder or file in its place; what stood there before goes. @param {string} from @param {string} to */
export function moveWhole(from, to) {
  mkdirSync(path.dirname(to), { recursive: true });
  rmSync(to, { recursive: true, force: true });
  renameSync(from, to);
}

/** @param {string} file */
export async function sha256OfFile(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** @param {...string} values */
export function sha256OfText(...values) {
  const hash = createHash('sha256');
  for (const value of values) hash.update(`${value.length}:`).update(value);
  return hash.digest('hex');
}

/**
 * One hash over the sources under some paths: names and contents, in a fixed order.
 * @param {string} base @param {string[]} paths relative to base; missing ones count as empty
 */
export function hashOfSources(base, paths) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap((each) => listFiles(base, each))) {
    const bytes = readFileSync(path.join(base, file));
    hash.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

/** @param {string} base @param {string} relative @returns {string[]} */
function listFiles(base, relative) {
  const stats = statSync(path.join(base, relative), { throwIfNoEntry: false });
  if (!stats) return [];
  if (!stats.isDirectory()) return [relative];
  return readdirSync(path.join(base, relative))
    .filter((name) => !madeFolders.has(name) && !notSource.test(name))
    .sort()
    .flatMap((name) => listFiles(base, path.join(relative, name)));
}

/** Megabytes (10⁶ bytes) in a folder; what vanishes while we look counts as nothing. @param {string} folder @returns {number} */
export function folderMb(folder) {
  let bytes = 0;
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const full = path.join(folder, entry.name);
      if (entry.isDirectory()) bytes += folderMb(full) * 1e6;
      else bytes += statSync(full, { throwIfNoEntry: false })?.size ?? 0;
    }
  } catch {
    return bytes / 1e6;
  }
  return bytes / 1e6;
}
