// The command line of the benchmark.
import { parseArgs } from 'node:util';
import { type BackendName, backendNames, StillwattError } from '@stillwatt/contracts';
import { z } from 'zod';
import { type SuiteName, suiteNames } from './types.ts';

const usage = `npm run bench -- [--suite kernels,model,train] [--lengths 32,128] [--batch 1,8] [--threads 1,2]
    [--variant NAME] [--only TEXT] [--backend ${backendNames.join('|')}] [--seconds 7] [--quick]
    [--json FILE] [--markdown FILE]`;

export interface BenchOptions {
  readonly suites: readonly SuiteName[];
  readonly json: string | null;
  readonly markdown: string | null;
  /** Of the native kernels; null is the one of the environment, or the fastest. */
  readonly variant: string | null;
  /** Only contenders whose name has this. */
  readonly only: string;
  readonly lengths: readonly number[] | null;
  readonly batches: readonly number[] | null;
  readonly threads: readonly number[];
  readonly backend: BackendName;
  /** Of a shape; heavy ones take more, for their fewest rounds. */
  readonly seconds: number;
  readonly leastRounds: number;
  readonly mostRounds: number;
  readonly sampleMs: number;
  readonly isQuick: boolean;
}

/** Nine have an interval whose ends are not the extremes. */
const rounds = { least: 9, most: 41, quick: 2 };

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
  seconds: z.coerce.number().positive().max(3600),
  quick: z.boolean(),
  markdown: z.string().optional(),
  variant: z.string().optional(),
  only: z.string(),
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
    markdown = null,
    variant = null,
    only,
    lengths = null,
    batch = null,
    threads,
    backend,
    seconds,
    quick,
  } = flags.data;
  return {
    suites: suite,
    json,
    markdown,
    variant,
    only,
    lengths,
    batches: batch,
    threads,
    backend,
    seconds,
    leastRounds: quick ? rounds.quick : rounds.least,
    mostRounds: quick ? rounds.quick : rounds.most,
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
        seconds: { type: 'string', default: '7' },
        markdown: { type: 'string' },
        variant: { type: 'string' },
        only: { type: 'string', default: '' },
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
