// How an attempt ended, decided from what it said and how its process went away.
import {
  type ErrorBody,
  type ErrorCode,
  stageExitCodes,
  type StageResult,
} from '@stillwatt/contracts';
import type { Exit, ExitReason } from '../base.ts';
import { quoteStderr } from '../quote-stderr.ts';
import type { StopCause } from './attempt-folder.ts';
import { saysOutOfMemory } from './out-of-memory.ts';

export interface Evidence {
  /** From its last `result` and `error` event. */
  result: StageResult | null;
  error: ErrorBody | null;
  /** As a shell gives it, 128 + signal for a killed process; null: nobody was there to write it down. */
  exitCode: number | null;
  /** Why we stopped it, if we did. */
  stop: StopCause | null;
  /** The kernel killed for memory while it ran. */
  kernelKilledForMemory: boolean;
  /** The limit it ran under, if any. */
  memoryMiB: number | null;
  stderrTail: string;
  ignoredLines: number;
}

/** Signals that others send to end a process: nothing is wrong with the stage itself. */
const endingSignals: Record<number, string> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  9: 'SIGKILL',
  15: 'SIGTERM',
};
const faultSignals: Record<number, string> = {
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  11: 'SIGSEGV',
  31: 'SIGSYS',
};

export function decideExit(evidence: Evidence): Exit {
  const { result, error, exitCode, stop, stderrTail, ignoredLines } = evidence;
  const number = exitCode !== null && exitCode > 128 ? exitCode - 128 : null;
  const signal =
    number === null ? null : (endingSignals[number] ?? faultSignals[number] ?? `signal ${number}`);
  const outOfMemory =
    result === null &&
    error === null &&
    exitCode !== 0 &&
    ((signal === 'SIGKILL' && evidence.kernelKilledForMemory) ||
      // Refused memory, libraries abort in words of their own, or without any.
      (evidence.memoryMiB !== null && number !== null && number in faultSignals) ||
      saysOutOfMemory(stderrTail));
  const text =
    signal !== null
      ? `killed by ${signal}`
      : exitCode === null
        ? 'the process is gone and nobody saw it end'
        : `exit code ${exitCode}`;
  const reason: ExitReason = { text, exitCode, signal, outOfMemory, ignoredLines };

  const failed = (code: ErrorCode, message: string, fix: string, retryable = false): Exit => ({
    state: 'failed',
    error: { code, message, fix, retryable },
    reason,
  });
  const lost = (message: string): Exit => ({
    state: 'lost',
    error: {
      code: 'STAGE_CRASHED',
      message,
      fix: 'a further attempt goes on from the last checkpoint',
      retryable: true,
    },
    reason,
  });

  // The result manifest is in the store before the event is printed: whatever came after does not matter.
  if (result !== null) return { state: 'succeeded', result, reason };
  if (stop === 'deadline') {
    return failed(
      'STAGE_TIMEOUT',
      'the stage passed its deadline',
      'allow more time, or make the stage smaller (epochs, maxSteps, layers)',
    );
  }
  if (stop === 'cancel')
    return failed('CANCELLED', 'the stage was cancelled', 'start it again if that was a mistake');
  if (error !== null) {
    // It stopped politely, but not because of us: the machine goes down, or an operator ended it.
    if (error.code === 'CANCELLED')
      return lost('the stage was told to end by a signal from outside');
    return { state: 'failed', error, reason };
  }
  if (exitCode === stageExitCodes.storageFull) {
    return failed(
      'STORAGE_FULL',
      'the disk is full: not even the error could be written down',
      'free disk space, then start the run again',
    );
  }
  if (outOfMemory) {
    return failed(
      'STAGE_OUT_OF_MEMORY',
      evidence.memoryMiB === null
        ? `the stage ran out of memory (${text})`
        : `the stage ended under its limit of ${evidence.memoryMiB} MiB of memory (${text})`,
      'lower batchSize or data.maxLength, raise resources.memoryMiB, or run fewer stages at once',
    );
  }
  if (exitCode === null || (number !== null && number in endingSignals)) return lost(text);
  return failed(
    'STAGE_CRASHED',
    `the stage ended without a result (${text})${stderrTail === '' ? '' : `: ${quoteStderr(stderrTail)}`}`,
    'the log of the attempt holds the rest of its output',
    // A fault signal may be bad luck; an exit code repeats itself.
    number !== null,
  );
}
