// The command line of the benchmark.
import { parseArgs } from 'node:util';
import { type BackendName, backendNames, StillwattError } from '@stillwatt/contracts';
import { z } from 'zod';
import { type SuiteName, suiteNames } from './types.ts';

const usage = `npm run bench -- [--suite kernels,model,train] [--json FILE] [--lengths 32,128] [--batch 1,8]
    [--threads 1,2] [--backend ${backendNames.join('|')}] [--rounds 21] [--quick]`;

export interface BenchOptions {
  readonly suites: readonly SuiteName[];
  readonly json: string | null;
  readonly lengths: readonly number[] | null;
  readonly batches: readonly number[] | null;
  readonly threads: readonly number[];
  readonly backend: BackendName;
  readonly rounds: number;
  readonly sampleMs: number;
  readonly isQuick: boolean;
}

const count = z.coerce.number().int().min(1).max(512);
const counts = z
  .string()
  .transform((list): unknown[] => list.split(','))
  .pipe(z.array(count).min(1));
const schema = z.strictObject({
  suite: z
    .string()
    .transform((list) => list.split(','))
    .pipe(z.array(z.enum(suiteNames))),
  json: z.string().optional(),
  lengths: counts.optional(),
  batch: counts.optional(),
  threads: counts,
  backend: z.enum(backendNames),
  rounds: count,
  quick: z.boolean(),
});

/** INPUT_INVALID with the flag that is wrong. */
export function readOptions(args: string[]): BenchOptions {
  const flags = schema.safeParse(readFlags(args));
  if (!flags.success) {
    const issue = flags.error.issues[0]!;
    throw invalid(`--${issue.path.join(' ')}: ${issue.message}`);
  }
  const {
    suite,
    json = null,
    lengths = null,
    batch = null,
    threads,
    backend,
    rounds,
    quick,
  } = flags.data;
  return {
    suites: suite,
    json,
    lengths,
    batches: batch,
    threads,
    backend,
    rounds,
    sampleMs: quick ? 5 : 50,
    isQuick: quick,
  };
}

function readFlags(args: string[]): Record<string, unknown> {
  const isQuick = args.includes('--quick');
  try {
    const { values } = parseArgs({
      args,
      options: {
        suite: { type: 'string', default: suiteNames.join(',') },
        json: { type: 'string' },
        lengths: { type: 'string' },
        batch: { type: 'string' },
        threads: { type: 'string', default: isQuick ? '1' : '1,2' },
        backend: { type: 'string', default: 'native' },
        rounds: { type: 'string', default: isQuick ? '3' : '21' },
        quick: { type: 'boolean', default: false },
      },
    });
    return { ...values };
  } catch (error) {
    throw invalid((error as Error).message);
  }
}

function invalid(message: string): StillwattError {
  return new StillwattError('INPUT_INVALID', message, { fix: usage });
}
