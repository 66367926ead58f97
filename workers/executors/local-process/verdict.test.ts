// The verdict over an attempt, one row per way to end.
import { describe, expect, it } from 'vitest';
import { decideExit, type Evidence } from './verdict.ts';

const nothing: Evidence = {
  result: null,
  error: null,
  exitCode: null,
  stop: null,
  kernelKilledForMemory: false,
  memoryMiB: null,
  stderrTail: '',
  ignoredLines: 0,
};
const error = { code: 'DIVERGED', message: 'NaN', retryable: false } as const;
const cancelled = { code: 'CANCELLED', message: 'told', retryable: false } as const;
const result = { key: 'k' } as never;

const rows: [string, Partial<Evidence>, string, string | null][] = [
  ['a result', { result, exitCode: 0 }, 'succeeded', null],
  ['a result, then a kill', { result, exitCode: 137 }, 'succeeded', null],
  ['a result, then a cancel', { result, exitCode: 1, stop: 'cancel' }, 'succeeded', null],
  ['an error', { error, exitCode: 1 }, 'failed', 'DIVERGED'],
  ['an error while its exit went unseen', { error }, 'failed', 'DIVERGED'],
  ['our cancel', { error: cancelled, exitCode: 1, stop: 'cancel' }, 'failed', 'CANCELLED'],
  ['our cancel before it listened', { exitCode: 143, stop: 'cancel' }, 'failed', 'CANCELLED'],
  ['our deadline', { error: cancelled, exitCode: 1, stop: 'deadline' }, 'failed', 'STAGE_TIMEOUT'],
  ['a signal of others, politely', { error: cancelled, exitCode: 1 }, 'lost', 'STAGE_CRASHED'],
  ['a signal of others, before it listened', { exitCode: 143 }, 'lost', 'STAGE_CRASHED'],
  ['kill -9', { exitCode: 137 }, 'lost', 'STAGE_CRASHED'],
  ['kill -9 of everything', {}, 'lost', 'STAGE_CRASHED'],
  ['the kernel', { exitCode: 137, kernelKilledForMemory: true }, 'failed', 'STAGE_OUT_OF_MEMORY'],
  [
    'a crash while the kernel killed another',
    { exitCode: 139, kernelKilledForMemory: true },
    'failed',
    'STAGE_CRASHED',
  ],
  [
    'V8 out of heap',
    { exitCode: 134, stderrTail: 'FATAL ERROR: … JavaScript heap out of memory' },
    'failed',
    'STAGE_OUT_OF_MEMORY',
  ],
  [
    'a failed allocation in C++',
    { exitCode: 134, stderrTail: "terminate called after throwing 'std::bad_alloc'" },
    'failed',
    'STAGE_OUT_OF_MEMORY',
  ],
  [
    'an abort under a memory limit',
    { exitCode: 134, memoryMiB: 256 },
    'failed',
    'STAGE_OUT_OF_MEMORY',
  ],
  ['an exit code under a memory limit', { exitCode: 3, memoryMiB: 256 }, 'failed', 'STAGE_CRASHED'],
  ['kill -9 under a memory limit', { exitCode: 137, memoryMiB: 256 }, 'lost', 'STAGE_CRASHED'],
  ['a full disk', { exitCode: 28 }, 'failed', 'STORAGE_FULL'],
  ['a fault', { exitCode: 139, stderrTail: 'at 0x0' }, 'failed', 'STAGE_CRASHED'],
  ['silence', { exitCode: 0 }, 'failed', 'STAGE_CRASHED'],
];

describe('verdict', () => {
  it.each(rows)('%s', (_name, evidence, state, code) => {
    const exit = decideExit({ ...nothing, ...evidence });
    expect([exit.state, exit.state === 'succeeded' ? null : exit.error.code]).toEqual([
      state,
      code,
    ]);
  });

  it('asks for another attempt where one may do better, and gives a fix where none does', () => {
    const lost = decideExit(nothing);
    const memory = decideExit({ ...nothing, exitCode: 137, kernelKilledForMemory: true });
    expect(lost.state === 'lost' && lost.error.retryable).toBe(true);
    expect(memory.state === 'failed' && memory.error).toMatchObject({ retryable: false });
    expect(memory.state === 'failed' && memory.error.fix).toMatch(/batchSize/);
  });

  it('shows the end of stderr and names the signal', () => {
    const exit = decideExit({ ...nothing, exitCode: 139, stderrTail: 'at 0x0' });
    expect(exit.state === 'failed' && exit.error.message).toMatch(/SIGSEGV.*at 0x0/);
    expect(exit.reason).toMatchObject({ signal: 'SIGSEGV', exitCode: 139 });
  });
});
