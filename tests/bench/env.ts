// Environment of the benchmark, and of the processes it starts.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { PeerName } from './types.ts';

const environment = z
  .object({
    STILLWATT_CACHE: z.string().optional(),
    XDG_CACHE_HOME: z.string().optional(),
    PYTHON: z.string().optional(),
    STILLWATT_KERNELS: z.string().optional(),
  })
  .parse(process.env);

/** Variant of the native kernels; undefined is the fastest that the CPU has. */
export const kernelVariant = environment.STILLWATT_KERNELS || undefined;

export const root = resolve(import.meta.dirname, '../..');

const cacheHome = environment.XDG_CACHE_HOME || join(homedir(), '.cache');
const cache = resolve(environment.STILLWATT_CACHE || join(cacheHome, 'stillwatt'));

/** Models and data that set-up unpacked. */
export const sources = join(cache, 'sources');

export const requirements = join(import.meta.dirname, 'peers/python/requirements.txt');
const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex');

/** The rivals' Python: a folder per list of pinned versions. */
export const peersFolder = join(cache, 'parts', `bench-peers-${digest.slice(0, 12)}`);
export const peersPython = join(peersFolder, 'bin/python');
/** Written last: without it the folder was never finished. */
export const peersStamp = join(peersFolder, 'ready');
/** The Python that makes it. */
export const systemPython = environment.PYTHON || 'python3';

/** The prototype of the int8 core beside ours: an example of the kernels, built into set-up's folder. */
export const buildFolder = join(cache, 'cargo');
export const prototypeBinary = join(buildFolder, 'release/examples/int8_cores');

/** Why a process of rivals cannot be started; null where it can. */
export function missingPeer(name: PeerName): string | null {
  const mark = name === 'python' ? peersStamp : prototypeBinary;
  return existsSync(mark) ? null : 'it is not there: npm run bench:peers makes it';
}

/** For a process that computes on so many threads, whatever library it loads. */
export function threadEnvironment(
  threads: number,
  variant: string | undefined = kernelVariant,
): NodeJS.ProcessEnv {
  const count = String(threads);
  return {
    ...process.env,
    STILLWATT_KERNELS: variant ?? '',
    TF_NUM_INTRAOP_THREADS: count,
    TF_NUM_INTEROP_THREADS: '1',
    TF_CPP_MIN_LOG_LEVEL: '2',
    OMP_NUM_THREADS: count,
    MKL_NUM_THREADS: count,
    TOKENIZERS_PARALLELISM: 'false',
  };
}
