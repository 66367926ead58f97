// The environment of a stage process, parsed once.
import { StillwattError, variables } from '@stillwatt/contracts';
import { z } from 'zod';

const absolute = z.string().regex(/^\//, 'an absolute path');

const schema = z.object({
  [variables.artifacts]: absolute,
  [variables.cache]: absolute,
  [variables.kernels]: z.string().min(1).optional(),
});

export interface StageEnv {
  /** Root of the artifact store. */
  artifacts: string;
  /** Set-up's cache, which holds `sources/`. */
  cache: string;
  /** Variant of the native kernels that is forced. */
  kernels: string | undefined;
}

/** Throws PREREQUISITE_MISSING naming the variable. */
export function readEnv(): StageEnv {
  const parsed = schema.safeParse(process.env);
  if (!parsed.success) {
    const names = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
    throw new StillwattError('PREREQUISITE_MISSING', `not set, or no absolute path: ${names}`, {
      fix: 'the executor hands these variables down: set them for the worker host',
    });
  }
  return {
    artifacts: parsed.data[variables.artifacts],
    cache: parsed.data[variables.cache],
    kernels: parsed.data[variables.kernels],
  };
}
