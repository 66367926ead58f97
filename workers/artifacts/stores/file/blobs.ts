// Bytes under their SHA-256 in a project's folder, with pins that say who uses them.
//
// A pin is an empty file pins/<hex>/<user>. Bytes may be freed when their folder of pins is empty, so
// pinning and freeing meet in the file system and need no lock: whoever pins looks afterwards whether the
// bytes are still there, and whoever frees moves them away first and looks afterwards for new pins.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { Digest } from '@stillwatt/contracts';
import { digestOf } from '../../canonical.ts';
import { corrupt, hexOf, missing } from '../../errors.ts';
import type { BlobRef, Bytes } from '../../store.ts';
import { exists, namesIn, place, placeMark, writeTemporary } from './files.ts';
import { codeOf } from './storage-errors.ts';

export interface Blobs {
  /** Writes the bytes unless they are there and sound. */
  write(bytes: Bytes): Promise<BlobRef>;
  has(digest: Digest): Promise<boolean>;
  /** True if the bytes are there and have this digest: reads them all. */
  isSound(digest: Digest): Promise<boolean>;
  read(digest: Digest, maxBytes?: number): Promise<Uint8Array>;
  openStream(digest: Digest): Promise<{ stream: Readable; sizeBytes: number }>;
  /** False if the bytes are gone: they must be written again, and are pinned then. */
  pin(digest: Digest, user: string): Promise<boolean>;
  unpin(digest: Digest, user: string): Promise<void>;
  /** Removes the bytes if nobody pins them; answers whether it did. */
  free(digest: Digest): Promise<boolean>;
}

/** `folder`: of the project. `temporary`: on the same file system. */
export function createBlobs(folder: string, temporary: string): Blobs {
  const fileOf = (digest: Digest) => {
    const hex = hexOf(digest);
    return path.join(folder, 'blobs', hex.slice(0, 2), hex);
  };
  const pinsOf = (digest: Digest) => path.join(folder, 'pins', hexOf(digest));

  return {
    async write(bytes) {
      if (bytes instanceof Uint8Array) {
        const digest = digestOf(bytes);
        if (await isSound(fileOf(digest), digest)) return { digest, sizeBytes: bytes.byteLength };
      }
      const { file, digest, sizeBytes } = await writeTemporary(temporary, bytes);
      if (await isSound(fileOf(digest), digest)) await rm(file, { force: true });
      else await place(file, fileOf(digest)); // new, or repaired
      return { digest, sizeBytes };
    },

    has: (digest) => exists(fileOf(digest)),

    isSound: (digest) => isSound(fileOf(digest), digest),

    async read(digest, maxBytes = Infinity) {
      const handle = await openFile(fileOf(digest), digest);
      try {
        const { size } = await handle.stat();
        if (size > maxBytes)
          throw corrupt(digest, `${size} bytes where at most ${maxBytes} belong`);
        const bytes = await handle.readFile();
        const found = digestOf(bytes);
        if (found !== digest) throw corrupt(digest, `its bytes are ${found}`);
        return bytes;
      } finally {
        await handle.close();
      }
    },

    async openStream(digest) {
      const handle = await openFile(fileOf(digest), digest);
      const { size: sizeBytes } = await handle.stat();
      const chunks = handle.createReadStream() as AsyncIterable<Uint8Array>;
      const stream = Readable.from(verified(chunks, digest), { objectMode: false });
      stream.once('close', () => void handle.close().catch(() => {})); // also if nobody read it
      return { stream, sizeBytes };
    },

    async pin(digest, user) {
      await placeMark(path.join(pinsOf(digest), user));
      return exists(fileOf(digest));
    },

    unpin: (digest, user) => rm(path.join(pinsOf(digest), user), { force: true }),

    async free(digest) {
      if (!(await removeEmpty(pinsOf(digest)))) return false;
      const trash = path.join(temporary, `${process.pid}-freed-${hexOf(digest)}`);
      try {
        await rename(fileOf(digest), trash);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return true;
        throw error;
      }
      if ((await namesIn(pinsOf(digest))).length > 0) {
        await rename(trash, fileOf(digest)); // somebody pinned it in between
        return false;
      }
      await rm(trash, { force: true });
      return true;
    },
  };
}

async function openFile(file: string, digest: Digest) {
  try {
    return await open(file, 'r');
  } catch (error) {
    throw codeOf(error) === 'ENOENT' ? missing(digest) : error;
  }
}

/** The chunks; throws after the last one if together they are not what the digest says. */
async function* verified(chunks: AsyncIterable<Uint8Array>, digest: Digest) {
  const hash = createHash('sha256');
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== digest) throw corrupt(digest, `its bytes are ${found}`);
}

/** False where there is nothing, or damaged bytes. */
async function isSound(file: string, digest: Digest): Promise<boolean> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
  return `sha256:${hash.digest('hex')}` === digest;
}

/** True if the folder is gone now; false if something is in it. */
async function removeEmpty(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return true;
    if (codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}
