// The one place where errors of the file system become StillwattErrors.
import { statfs } from 'node:fs/promises';
import { isStillwattError, StillwattError } from '@stillwatt/contracts';

const full = new Set(['ENOSPC', 'EDQUOT']);
/** Rights, a read-only or vanished mount, a failing disk, too many open files. */
const unavailable = new Set([
  ...['EACCES', 'EPERM', 'EROFS', 'EIO', 'ESTALE', 'ENOTCONN', 'ENODEV', 'EBUSY'],
  ...['EMFILE', 'ENFILE', 'ETIMEDOUT', 'ENOTDIR', 'EISDIR'],
]);

export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

/** `neededBytes`: of the write that failed, as far as it is known. */
export async function translateStorageError(
  error: unknown,
  folder: string,
  neededBytes: number | null,
): Promise<unknown> {
  if (isStillwattError(error)) return error;
  const code = codeOf(error);
  if (full.has(code)) {
    const free = await freeBytes(folder);
    const needed = neededBytes === null ? '' : `, ${neededBytes} bytes needed`;
    return new StillwattError('STORAGE_FULL', `no space left in ${folder}: ${free} free${needed}`, {
      fix: `free space on the disk of ${folder}, or put the artifact store on a larger one`,
      path: folder,
      cause: error,
    });
  }
  if (unavailable.has(code)) {
    return new StillwattError('STORAGE_UNAVAILABLE', `cannot use ${folder}: ${code}`, {
      fix: `check that ${folder} is mounted and that this user may read and write it`,
      path: folder,
      retryable: true,
      cause: error,
    });
  }
  return error;
}

async function freeBytes(folder: string): Promise<string> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return `${bavail * bsize} bytes`;
  } catch {
    return 'an unknown number of bytes';
  }
}
