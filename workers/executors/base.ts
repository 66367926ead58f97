// What every executor offers: start a stage somewhere, find it again, follow it, stop it.
import type { Digest, ErrorBody, StageEvent, StageInput, StageResult } from '@stillwatt/contracts';

/** One attempt to be started. */
export interface StartRequest {
  /** What the stage process reads; `input.path` and `attempt` name the attempt. */
  input: StageInput;
  /** 1, 2, …: unique within the path. An attempt that has ended is never run again. */
  attempt: number;
  /** Longest run time, counted from the start of the process; then it is stopped: STAGE_TIMEOUT. */
  deadlineMs?: number | undefined;
  /** Memory the process may take; more ends it: STAGE_OUT_OF_MEMORY. */
  memoryMiB?: number | undefined;
  /** Told at once, and again on every change, while the attempt waits for a free place. */
  onQueued?: ((ahead: number) => void) | undefined;
  /** Gives up waiting for a place; has no effect once the process runs. */
  signal?: AbortSignal | undefined;
}

/** How the process ended, as far as it could be found out. */
export interface ExitReason {
  /** One sentence for people: `killed by SIGKILL`. */
  text: string;
  exitCode: number | null;
  signal: string | null;
  outOfMemory: boolean;
  /** Lines on stdout that were no events (garbage, over-long, torn) and were left out. */
  ignoredLines: number;
}

/**
 * How an attempt ended. `lost`: it went away without a word (killed, machine restarted), so that a
 * further attempt may go on from its last checkpoint; `failed`: it said why, or the executor knows.
 */
export type Exit =
  | { state: 'succeeded'; result: StageResult; reason: ExitReason }
  | { state: 'failed'; error: ErrorBody; reason: ExitReason }
  | { state: 'lost'; error: ErrorBody; reason: ExitReason };

/** One attempt, running or ended. Any number of handles may follow the same attempt. */
export interface Handle {
  readonly path: string;
  readonly attempt: number;
  /** The checkpoint it was started from. */
  readonly resumedFrom: Digest | null;
  /** Where its log can be read, for people. */
  readonly location: string;
  /**
   * Events with `seq >= fromSeq`, each once, in order; ends when the attempt has ended and all was
   * read. Aborting ends the iteration by throwing the signal's reason; the attempt goes on.
   */
  events(fromSeq?: number, signal?: AbortSignal): AsyncIterable<StageEvent>;
  /** Resolves when the attempt has ended. Aborting rejects with the signal's reason; the attempt goes on. */
  wait(signal?: AbortSignal): Promise<Exit>;
  /** Asks it to end with a last checkpoint, kills it after `graceMs`; resolves when it is gone. Its exit is `failed` with CANCELLED unless it had already ended. */
  cancel(graceMs?: number): Promise<void>;
}

export interface Executor {
  readonly name: string;
  /**
   * Starts an attempt. If an attempt of the same path is alive, that one is returned instead (look at
   * `handle.attempt`); if this very attempt has ended, the ended one: starting twice is harmless.
   */
  start(request: StartRequest): Promise<Handle>;
  /** The latest attempt of a path, running or ended (drain its events before the next attempt), or null. */
  find(path: string): Promise<Handle | null>;
  /** Lets go of timers and watchers. Attempts go on. */
  close(): Promise<void>;
}
