// Follows events.ndjson from its start until its process has ended and all was read.
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { maxEventLineBytes, type StageEvent, stageEventSchema } from '@stillwatt/contracts';
import { isLive } from './attempt-folder.ts';
import { createLineCutter } from './lines.ts';
import { watchFolder } from './watch.ts';

const chunkBytes = 256 * 1024;

/** Counts of what was read beside the events; filled while the events are iterated. */
export interface TailCounts {
  /** Lines that were no events: garbage, over-long, torn. */
  ignored: number;
}

/**
 * Events in order, each `seq` once. What is no event is left out and counted: libraries below the
 * stage may print on stdout, and a torn last line is what kill -9 leaves.
 */
export async function* tailEvents(
  folder: string,
  options: { signal?: AbortSignal | undefined; counts?: TailCounts | undefined } = {},
): AsyncGenerator<StageEvent, void, undefined> {
  const { signal, counts = { ignored: 0 } } = options;
  const cutter = createLineCutter(maxEventLineBytes);
  const buffer = Buffer.alloc(chunkBytes);
  const watch = watchFolder(folder);
  let garbage = 0;
  let file: FileHandle | null = null;
  let lastSeq = -1;
  try {
    for (;;) {
      signal?.throwIfAborted();
      // Asked before reading: what an ended process wrote is all there for the read that follows.
      const isLast = !isLive(folder);
      file ??= await openIfThere(join(folder, 'events.ndjson'));
      for (;;) {
        const bytesRead = file === null ? 0 : (await file.read(buffer, 0, chunkBytes)).bytesRead;
        if (bytesRead === 0) break;
        for (const line of cutter.push(buffer.subarray(0, bytesRead))) {
          const event = parseEvent(line);
          if (event === null) garbage += 1;
          else if (event.seq > lastSeq) {
            lastSeq = event.seq;
            yield event;
          }
        }
        counts.ignored = garbage + cutter.overlong();
        signal?.throwIfAborted();
      }
      if (isLast) {
        if (cutter.isTorn()) counts.ignored += 1;
        return;
      }
      await watch.next(signal);
    }
  } finally {
    watch.close();
    await file?.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function parseEvent(line: string): StageEvent | null {
  if (!line.startsWith('{')) return null;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const parsed = stageEventSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}
