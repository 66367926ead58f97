// `npm run bench`: checks what contenders compute, times them side by side, says which goals are met.
// Exits with 1 where a result differs from its reference; a missed goal is a finding, not a failure.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isStillwattError } from '@stillwatt/contracts';
import { compareTimings } from './compare.ts';
import { threadEnvironment } from './env.ts';
import { describeCommit, describeLoad, describeMachine } from './machine.ts';
import { type BenchOptions, readOptions } from './options.ts';
import { measurePeak } from './peak.ts';
import { printGoals, printRows } from './report.ts';
import type { Message, Timing } from './types.ts';
import type { Job } from './worker.ts';

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  if (!isStillwattError(error)) throw error;
  console.error(`✗ ${error.message}\n  what to do: ${error.fix ?? ''}`);
  process.exitCode = 2;
}

async function main(options: BenchOptions): Promise<void> {
  const timings: Timing[] = [];
  const skipped = new Map<string, string>();
  const differing: Extract<Message, { kind: 'differs' }>[] = [];
  const { load, isBusy } = describeLoad();
  if (isBusy) {
    console.log(
      `The machine is busy (load ${load.toFixed(1)}): times and ratios are noise, checks are not.`,
    );
  }
  const peaks = new Map(options.threads.map((threads) => [threads, measurePeak(threads)]));

  const take = (message: Message): void => {
    if (message.kind === 'timings') {
      timings.push(...message.timings);
      printRows(compareTimings(message.timings, (threads) => peaks.get(threads)!));
    } else if (message.kind === 'skipped') {
      if (!skipped.has(message.contender)) {
        console.log(`– ${message.contender} is left out: ${message.reason}`);
      }
      skipped.set(message.contender, message.reason);
    } else {
      const { batch, tokens, threads } = message.shape;
      differing.push(message);
      console.error(
        `✗ ${message.contender}, ${batch}×${tokens}, ${threads} threads, is not timed: ${message.reason}`,
      );
    }
  };

  for (const suite of options.suites) {
    for (const threads of options.threads) {
      console.log(`\n── ${suite}, ${threads} thread${threads === 1 ? '' : 's'}`);
      await runWorker({ ...options, suite, threads }, take);
    }
  }
  const rows = compareTimings(timings, (threads) => peaks.get(threads)!);
  printGoals(rows);
  if (options.json !== null) {
    const result = {
      date: new Date().toISOString(),
      command: ['npm run bench --', ...process.argv.slice(2)].join(' '),
      ...describeCommit(),
      machine: { ...describeMachine(), loadAtStart: load },
      options,
      peaks: Object.fromEntries(peaks),
      skipped: Object.fromEntries(skipped),
      differing,
      rows,
      timings,
    };
    writeFileSync(options.json, `${JSON.stringify(result, null, 1)}\n`);
  }
  if (differing.length > 0) process.exitCode = 1;
}

/** A fresh process: the threads of its libraries are fixed when they load. */
async function runWorker(job: Job, take: (message: Message) => void): Promise<void> {
  const child = fork(join(import.meta.dirname, 'worker.ts'), [JSON.stringify(job)], {
    env: threadEnvironment(job.threads),
    execArgv: ['--no-warnings'],
  });
  child.on('message', take);
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (code !== 0) throw new Error(`the ${job.suite} suite ended with ${signal ?? code}`);
}
