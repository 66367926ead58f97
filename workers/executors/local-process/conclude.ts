// Waits for the end of an attempt and decides, once and for all, how it ended.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorBody, StageResult } from '@stillwatt/contracts';
import type { Exit } from '../base.ts';
import { inspectAttempt, isLive, readRecord, readStderrTail, readStop } from './attempt-folder.ts';
import { readOutOfMemoryKills } from './out-of-memory.ts';
import { type TailCounts, tailEvents } from './tail.ts';
import { decideExit } from './verdict.ts';
import { watchFolder } from './watch.ts';

/** Resolves when no process of the attempt is left. */
export async function waitForEnd(folder: string, signal?: AbortSignal): Promise<void> {
  const watch = watchFolder(folder);
  try {
    while (isLive(folder)) await watch.next(signal);
  } finally {
    watch.close();
  }
}

/** The exit of an attempt, waited for. The first verdict is kept: later evidence (counters) may have moved. */
export async function concludeAttempt(folder: string, signal?: AbortSignal): Promise<Exit> {
  await waitForEnd(folder, signal);
  const file = join(folder, 'verdict.json');
  const kept = readVerdict(file);
  if (kept) return kept;

  let result: StageResult | null = null;
  let error: ErrorBody | null = null;
  const counts: TailCounts = { ignored: 0 };
  for await (const event of tailEvents(folder, { signal, counts })) {
    if (event.type === 'result') result = event.result;
    if (event.type === 'error') error = event.error;
  }
  const state = inspectAttempt(folder);
  const record = readRecord(folder);
  const before = record?.outOfMemoryKills ?? null;
  const now = readOutOfMemoryKills();
  const exit = decideExit({
    result,
    error,
    exitCode: state.state === 'ended' ? state.exitCode : null,
    stop: readStop(folder),
    kernelKilledForMemory: before !== null && now !== null && now > before,
    memoryMiB: record?.memoryMiB ?? null,
    stderrTail: readStderrTail(folder),
    ignoredLines: counts.ignored,
  });
  keepVerdict(file, exit);
  return exit;
}

function readVerdict(file: string): Exit | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Exit;
  } catch {
    return null; // none yet, or torn: decided again from the evidence
  }
}

function keepVerdict(file: string, exit: Exit): void {
  try {
    writeFileSync(file, JSON.stringify(exit));
  } catch {
    // A full disk, or the folder was removed: the evidence gives the verdict again.
  }
}
