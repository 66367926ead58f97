// `npm run bench`: checks what contenders compute, times them side by side, says which goals are met.
// Exits with 1 where a result differs from its reference or a suite failed; a missed goal is a finding.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isStillwattError } from '@stillwatt/contracts';
import { compareTimings, type Entries, findUnmeasured } from './compare.ts';
import { groupsOf, takesPart } from './contenders.ts';
import { kernelVariant, threadEnvironment } from './env.ts';
import { writeGoals } from './goal-table.ts';
import { describeCommit, describeLoad, describeMachine } from './machine.ts';
import { type BenchOptions, readOptions } from './options.ts';
import { type Peak, measurePeak } from './peak.ts';
import { nameShape, printGoals, printRows } from './report.ts';
import type { Message, Shape, Timing } from './types.ts';
import type { Job } from './worker.ts';

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  if (!isStillwattError(error)) throw error;
  console.error(`✗ ${error.message}\n  what to do: ${error.fix ?? ''}`);
  process.exitCode = 2;
}

async function main(options: BenchOptions): Promise<void> {
  const begun = performance.now();
  const timings: Timing[] = [];
  const skipped = new Map<string, string>();
  const differing: Extract<Message, { kind: 'differs' }>[] = [];
  const failures: string[] = [];
  const { load, isBusy } = describeLoad();
  if (isBusy) {
    console.log(
      `The machine is busy (load ${load.toFixed(1)}): times and ratios are noise, checks are not.`,
    );
  }
  const peaks = new Map<number, Peak>();
  for (const threads of options.threads) peaks.set(threads, await measurePeak(threads));
  const peakOf = (threads: number): Peak => peaks.get(threads)!;
  console.log([...peaks].map(([threads, peak]) => describePeak(threads, peak)).join('\n'));

  const entries: Entries = {
    fits: (name, shape) => takesPart(name, shape, options, options.suites),
    whyMissing(name, shape) {
      const found = differing.find((each) => each.contender === name && isAt(each.shape, shape));
      if (found) return 'what it computes differs';
      if (!name.includes(options.only)) return `left out by --only ${options.only}`;
      return skipped.get(name) ?? 'its suite failed';
    },
  };
  const take = (message: Message): void => {
    if (message.kind === 'timings') {
      timings.push(...message.timings);
      printRows(compareTimings(message.timings, peakOf, entries));
    } else if (message.kind === 'skipped') {
      if (!skipped.has(message.contender)) {
        console.log(`– ${message.contender} is left out: ${message.reason}`);
      }
      skipped.set(message.contender, message.reason);
    } else {
      differing.push(message);
      const { contender, shape, reason } = message;
      console.error(`✗ ${contender}, ${nameShape(shape)}, is not timed: ${reason}`);
    }
  };

  for (const suite of options.suites) {
    for (const threads of options.threads) {
      console.log(`\n── ${suite}, ${threads} thread${threads === 1 ? '' : 's'}`);
      const failure = await runWorker({ ...options, suite, threads }, take);
      if (failure === null) continue;
      failures.push(failure);
      console.error(`✗ ${failure}`);
    }
  }
  const rows = compareTimings(timings, peakOf, entries);
  const unmeasured = findUnmeasured(rows, timings, wantedShapes(options), entries);
  printGoals(rows, unmeasured);
  const result = {
    date: new Date().toISOString(),
    command: ['npm run bench --', ...process.argv.slice(2)].join(' '),
    seconds: Math.round((performance.now() - begun) / 1000),
    ...describeCommit(),
    machine: { ...describeMachine(), loadAtStart: load, isBusy },
    variant: options.variant ?? kernelVariant ?? null,
    options,
    peaks: Object.fromEntries(peaks),
    energy: { joules: null, reason: 'CPU-seconds stand for it: energy is for profiles to measure' },
    skipped: Object.fromEntries(skipped),
    differing,
    failures,
    rows,
    unmeasured,
    timings,
  };
  console.log(`\n${result.seconds} s`);
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(result, null, 1)}\n`);
  if (options.markdown !== null) writeFileSync(options.markdown, writeGoals(result));
  if (differing.length > 0 || failures.length > 0) process.exitCode = 1;
}

/** A fresh process: the threads of its libraries are fixed when they load. Null, or how it failed. */
async function runWorker(job: Job, take: (message: Message) => void): Promise<string | null> {
  const child = fork(join(import.meta.dirname, 'worker.ts'), [JSON.stringify(job)], {
    env: threadEnvironment(job.threads, job.variant ?? kernelVariant),
    execArgv: ['--no-warnings'],
  });
  child.on('message', take);
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (code === 0) return null;
  return `the suite ${job.suite} with ${job.threads} threads ended with ${signal ?? code}`;
}

/** All shapes of all groups, each once. */
function wantedShapes(options: BenchOptions): Shape[] {
  const shapes = options.threads.flatMap((threads) =>
    options.suites.flatMap((suite) =>
      groupsOf(suite, { ...options, only: '' }, threads).flatMap((group) => group.shapes),
    ),
  );
  const inSuites = new Map(shapes.map((shape) => [nameShape(shape), shape]));
  return [...inSuites.values()];
}

function isAt(a: Shape, b: Shape): boolean {
  return nameShape(a) === nameShape(b);
}

function describePeak(threads: number, { f32, int8, reason }: Peak): string {
  const name = `Peak of ${threads} thread${threads === 1 ? '' : 's'}`;
  if (f32 === null || int8 === null) return `${name}: not measured, ${reason}`;
  return `${name}: ${f32.toFixed(0)} GFLOP/s f32, ${int8.toFixed(0)} GOP/s int8`;
}
