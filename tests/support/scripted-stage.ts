// A stage process that does what its input tells it, so that executors can be shown every way to end.
import { existsSync, readFileSync, watch, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { StageInput, StageResult } from '@stillwatt/contracts';

/** What it does, step by step; `config.script` of its input. */
export type ScriptStep =
  /** Prints `count` metric events. */
  | { do: 'metrics'; count: number }
  /** Prints raw text, as a library below a stage might. */
  | { do: 'print'; text: string }
  /** Prints one line of this length. */
  | { do: 'printLong'; bytes: number }
  | { do: 'stderr'; text: string }
  /** Says a phase, and goes on when this file is there. */
  | { do: 'waitFor'; file: string }
  /** Stays until it is told to end; then prints a checkpoint and CANCELLED, as a real stage does. */
  | { do: 'stayPolitely' }
  /** Stays and does not listen. */
  | { do: 'stayDeaf' }
  | { do: 'fail'; code: 'DATA_INVALID' | 'DIVERGED' }
  | { do: 'succeed' }
  | { do: 'exit'; code: number }
  | { do: 'abort' }
  | { do: 'allocate'; mebibytes: number }
  | { do: 'environment' };

const zeros = `sha256:${'0'.repeat(64)}` as const;
let seq = 0;

function print(event: Record<string, unknown>): void {
  writeSync(1, `${JSON.stringify({ seq: seq++, atMs: Date.now(), ...event })}\n`);
}

function resultOf(input: StageInput): StageResult {
  return {
    path: input.path,
    key: input.key,
    output: { digest: zeros, kind: 'model', sizeBytes: 1 },
    summary: { steps: seq },
    provenance: {
      node: process.version,
      tensorflow: 'none',
      engine: 'scripted',
      kernels: 'none',
      threads: input.threads,
      cpu: 'any',
      host: 'any',
    },
    wallSeconds: 0,
    cpuSeconds: 0,
    peakRssBytes: 0,
  };
}

async function perform(step: ScriptStep, input: StageInput): Promise<void> {
  switch (step.do) {
    case 'metrics':
      for (let i = 0; i < step.count; i++) {
        print({ type: 'metric', name: 'train/loss', step: i, value: 1 / (i + 1) });
      }
      return;
    case 'print':
      writeSync(1, step.text);
      return;
    case 'printLong':
      writeSync(1, `${'x'.repeat(step.bytes)}\n`);
      return;
    case 'stderr':
      writeSync(2, step.text);
      return;
    case 'waitFor':
      print({ type: 'phase', phase: 'waiting' });
      await fileThere(step.file);
      return;
    case 'stayPolitely':
      process.on('SIGTERM', () => {
        print({ type: 'checkpoint', digest: zeros, step: 7 });
        print({
          type: 'error',
          error: { code: 'CANCELLED', message: 'told to end', retryable: false },
        });
        process.exit(1);
      });
      print({ type: 'phase', phase: 'staying' });
      return stay();
    case 'stayDeaf':
      process.on('SIGTERM', () => print({ type: 'log', level: 'info', message: 'not listening' }));
      print({ type: 'phase', phase: 'staying' });
      return stay();
    case 'fail':
      print({
        type: 'error',
        error: { code: step.code, message: 'as scripted', fix: 'none', retryable: false },
      });
      process.exit(1);
      return;
    case 'succeed':
      print({ type: 'result', result: resultOf(input) });
      process.exit(0);
      return;
    case 'exit':
      process.exit(step.code);
      return;
    case 'abort':
      process.abort();
      return;
    case 'allocate': {
      const kept: Buffer[] = [];
      for (let i = 0; i < step.mebibytes; i += 16) kept.push(Buffer.alloc(16 * 2 ** 20, 1));
      return;
    }
    case 'environment':
      print({ type: 'log', level: 'info', message: JSON.stringify(process.env) });
  }
}

/** Never resolves, and keeps the process alive. */
function stay(): Promise<never> {
  return new Promise(() => setInterval(() => {}, 60_000));
}

function fileThere(file: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(dirname(file), check);
    function check(): void {
      if (!existsSync(file)) return;
      watcher.close();
      resolve();
    }
    check();
  });
}

const input = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as StageInput;
print({ type: 'log', level: 'info', message: `pid ${process.pid}` });
for (const step of input.config['script'] as ScriptStep[]) await perform(step, input);
