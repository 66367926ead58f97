// SHA-256 over the sources of packages and the versions of what they depend on: equal hash, equal code.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const skipped = /(^|\/)(node_modules|dist|target|bundle|bench)(\/|$)|\.test\.ts$|\.md$|(^|\/)\./;

/** Hex digest over every file of these folders (from the root) but tests, and their dependencies' versions. */
export function sourceHash(folders: readonly string[]): string {
  const hash = createHash('sha256');
  const dependencies = new Set<string>();
  for (const folder of folders) {
    for (const file of filesOf(folder)) {
      hash
        .update(`${file}\0`)
        .update(readFileSync(path.join(root, file)))
        .update('\0');
    }
    const manifest = readManifest(path.join(root, folder));
    for (const name of Object.keys(manifest.dependencies ?? {})) dependencies.add(name);
  }
  for (const name of [...dependencies].sort()) {
    if (name.startsWith('@stillwatt/')) continue;
    hash.update(`${name}@${readManifest(path.join(root, 'node_modules', name)).version}\0`);
  }
  return hash.digest('hex');
}

function filesOf(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((file) => !skipped.test(file))
    .sort();
}

function readManifest(folder: string): { version?: string; dependencies?: object } {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as object;
}
