// What a stage process may know of the host's environment: a short list, never a secret.
import { variables } from '@stillwatt/contracts';

/** Handed down as they are. DATABASE_URL, tokens and the like are absent on purpose. */
const inherited = [
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'LD_LIBRARY_PATH',
  variables.cache,
  variables.artifacts,
  variables.kernels,
  variables.stack, // so that its supervisor finds what a killed host left behind
];

/** The environment of a stage process that may use `threads` CPU threads. */
export function stageEnvironment(
  host: Readonly<Record<string, string | undefined>>,
  threads: number,
): Record<string, string> {
  const kept = inherited.flatMap((name) => {
    const value = host[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(kept),
    TF_NUM_INTRAOP_THREADS: String(threads),
    // One operation after the other: with several at once the order of sums, and so the bits, may change.
    TF_NUM_INTEROP_THREADS: '1',
    TF_DETERMINISTIC_OPS: '1',
    TF_CPP_MIN_LOG_LEVEL: '2',
    OMP_NUM_THREADS: String(threads),
    RAYON_NUM_THREADS: String(threads),
  };
}
