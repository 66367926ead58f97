// Files that are there whole or not at all: written beside their place, synced, then moved.
import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Digest } from '@stillwatt/contracts';
import type { Bytes } from '../../store.ts';
import { codeOf, translateStorageError } from './storage-errors.ts';

/** A temporary file of this age belongs to no living writer. */
const abandonedAfterMs = 24 * 3600 * 1000;

export interface Written {
  /** The temporary file. */
  file: string;
  digest: Digest;
  sizeBytes: number;
}

/** Writes and syncs a temporary file in `folder`, hashing what goes in; on failure nothing is left. */
export async function writeTemporary(folder: string, bytes: Bytes): Promise<Written> {
  const file = path.join(folder, `${process.pid}-${randomUUID()}`);
  const hash = createHash('sha256');
  const source = bytes instanceof Uint8Array ? [bytes] : bytes;
  let sizeBytes = 0;
  try {
    await mkdir(folder, { recursive: true });
    const handle = await open(file, 'wx', 0o644);
    try {
      for await (const chunk of source) {
        hash.update(chunk);
        sizeBytes += chunk.byteLength;
        await writeAll(handle, chunk);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await rm(file, { force: true });
    const neededBytes = bytes instanceof Uint8Array ? bytes.byteLength : sizeBytes;
    throw await translateStorageError(error, folder, neededBytes);
  }
  return { file, digest: `sha256:${hash.digest('hex')}`, sizeBytes };
}

/** Moves a temporary file to its place, over what may be there. */
export async function place(temporary: string, file: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await rename(temporary, file);
  await syncFolder(path.dirname(file));
}

/** The same for a place that is taken only once: false if it is taken. The temporary file is gone either way. */
export async function placeOnce(temporary: string, file: string): Promise<boolean> {
  await mkdir(path.dirname(file), { recursive: true });
  try {
    await link(temporary, file); // unlike rename, fails where something is
    await syncFolder(path.dirname(file));
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Makes an empty file that says something by its name. Making it twice is fine. */
export async function placeMark(file: string): Promise<void> {
  for (;;) {
    await mkdir(path.dirname(file), { recursive: true });
    try {
      await (await open(file, 'a', 0o644)).close();
      break;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error; // the folder was removed in between: again
    }
  }
  await syncFolder(path.dirname(file));
}

export async function exists(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Names in a folder; none if there is no such folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Removes what writers that are long dead left in a folder of temporary files. */
export async function removeAbandoned(folder: string, nowMs: number): Promise<void> {
  for (const name of await namesIn(folder)) {
    const file = path.join(folder, name);
    const found = await stat(file).catch(() => null); // its writer was alive and moved it
    if (found && nowMs - found.mtimeMs > abandonedAfterMs) await rm(file, { force: true });
  }
}

async function writeAll(
  handle: Awaited<ReturnType<typeof open>>,
  chunk: Uint8Array,
): Promise<void> {
  for (let offset = 0; offset < chunk.byteLength;) {
    offset += (await handle.write(chunk, offset)).bytesWritten;
  }
}

/** A name survives a power cut only once its folder is synced. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null; // somebody removed it with what was in it
    throw error;
  });
  try {
    await handle?.sync();
  } finally {
    await handle?.close();
  }
}
