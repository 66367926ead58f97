// Prints events: one numbered JSON line each, written before the call returns.
import { writeSync } from 'node:fs';
import {
  type ErrorBody,
  maxEventLineBytes,
  type StageEvent,
  StillwattError,
} from '@stillwatt/contracts';

/** An event without what the printer adds. */
export type NewEvent = StageEvent extends infer Event
  ? Event extends StageEvent
    ? Omit<Event, 'seq' | 'atMs'>
    : never
  : never;

/** Writes some of the bytes and says how many, as fs.writeSync does. */
export type WriteBytes = (bytes: Uint8Array) => number;

export interface EventPrinter {
  /** Throws STORAGE_FULL when the disk that holds stdout is full. */
  print(event: NewEvent): void;
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string): void;
  error(error: ErrorBody): void;
}

const maxText = 4000;
/** Between two tries at a pipe that is full. */
const retryMs = 2;

export function createEventPrinter(
  write: WriteBytes = (bytes) => writeSync(1, bytes),
  now: () => number = Date.now,
): EventPrinter {
  let seq = 0;
  let isTorn = false;

  function print(event: NewEvent): void {
    const line = `${JSON.stringify({ seq, atMs: now(), ...event })}\n`;
    // A line cut short by a full disk is ended first, or it would swallow this one.
    const bytes = Buffer.from(isTorn ? `\n${line}` : line);
    if (bytes.length > maxEventLineBytes) {
      throw new StillwattError(
        'INTERNAL',
        `event ${event.type} is too long (${bytes.length} bytes)`,
      );
    }
    let written = 0;
    while (written < bytes.length) {
      try {
        written += write(bytes.subarray(written));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EAGAIN') {
          // Stdout may be a pipe without blocking: wait for its reader.
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs);
          continue;
        }
        isTorn ||= written > 0;
        if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
        throw new StillwattError('STORAGE_FULL', 'the disk that holds the events is full', {
          fix: 'free disk space, then start the run again',
          cause: error,
        });
      }
    }
    isTorn = false;
    seq += 1;
  }

  return {
    print,
    log: (level, message) => print({ type: 'log', level, message: message.slice(0, maxText) }),
    error: (error) =>
      print({
        type: 'error',
        error: {
          ...error,
          message: error.message.slice(0, maxText),
          ...(error.fix === undefined ? {} : { fix: error.fix.slice(0, 2000) }),
          ...(error.path === undefined ? {} : { path: error.path.slice(0, 2000) }),
        },
      }),
  };
}
