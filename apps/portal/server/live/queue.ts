// Events on their way to one reader, bounded: who does not keep up is cut off instead of filling our memory.
import { StillwattError } from '@stillwatt/contracts';

/** A reader this far behind resumes from its last id. */
export const maxWaiting = 10_000;

export interface Queue<T> {
  push(item: T): void;
  /** Waits for the next; null at the end. @throws StillwattError UNAVAILABLE if the reader is too far behind. */
  take(): Promise<T | null>;
  /** Items in memory. */
  size(): number;
  /** Aborts when the reader's signal does, and when it is closed. */
  ended: AbortSignal;
  close(): void;
}

export function createQueue<T>(signal: AbortSignal): Queue<T> {
  const items: T[] = [];
  const closed = new AbortController();
  const ended = AbortSignal.any([signal, closed.signal]);
  let overflown = false;
  let wake = () => {};
  ended.addEventListener('abort', () => wake());
  return {
    ended,
    close: () => closed.abort(),
    size: () => items.length,
    push(item) {
      overflown ||= items.length >= maxWaiting;
      // What it will not get is not kept, however long it does not look.
      if (overflown) items.length = 0;
      else items.push(item);
      wake();
    },
    async take() {
      for (;;) {
        if (ended.aborted) return null;
        if (overflown)
          throw new StillwattError('UNAVAILABLE', 'too far behind', { retryable: true });
        const item = items.shift();
        if (item !== undefined) return item;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
