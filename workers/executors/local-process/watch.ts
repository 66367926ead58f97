// Waiting for news in a folder: woken by the kernel where it can, by the clock in any case.
import { type FSWatcher, watch } from 'node:fs';

/**
 * The death of a process makes no entry in a folder, and watches may run out (inotify limits): so a
 * look every so often is needed anyhow, and then a missing watch costs latency, not correctness.
 */
const pollMs = 150;

export interface Watch {
  /** Resolves after a change in the folder since the last call, or after the poll interval. Rejects on abort. */
  next(signal?: AbortSignal): Promise<void>;
  close(): void;
}

export function watchFolder(folder: string): Watch {
  let news = false;
  let wake: (() => void) | null = null;
  let watcher: FSWatcher | null = null;
  try {
    watcher = watch(folder, { persistent: false }, () => {
      news = true;
      wake?.();
    });
    watcher.on('error', () => watcher?.close()); // the folder was removed: the clock remains
  } catch {
    watcher = null; // no watch to be had: the clock remains
  }
  return {
    close: () => watcher?.close(),
    next(signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const finish = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', abort);
          wake = null;
          news = false;
          resolve();
        };
        const abort = (): void => {
          clearTimeout(timer);
          wake = null;
          reject(signal?.reason as Error);
        };
        const timer = setTimeout(finish, pollMs);
        if (news) return finish();
        wake = finish;
        signal?.addEventListener('abort', abort, { once: true });
      });
    },
  };
}
