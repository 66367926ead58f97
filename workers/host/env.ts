// The environment as the host reads it: parsed once, explained when wrong.
import { availableParallelism } from 'node:os';
import { StillwattError, variables } from '@stillwatt/contracts';
import { z } from 'zod';

const schema = z.object({
  [variables.home]: z.string().min(1),
  [variables.artifacts]: z.string().min(1),
  [variables.databaseUrl]: z.string().min(1),
  [variables.temporalAddress]: z.string().min(1).default('127.0.0.1:7233'),
  [variables.metricsPort]: z.coerce.number().int().min(0).max(65_535).default(0),
  [variables.slots]: z.coerce.number().int().min(1).max(1024).default(availableParallelism()),
  [variables.kernels]: z.string().min(1).optional(),
  [variables.logLevel]: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

export interface HostEnv {
  home: string;
  artifacts: string;
  databaseUrl: string;
  temporalAddress: string;
  /** 0: any free one. */
  metricsPort: number;
  slots: number;
  /** Variant of the native kernels that is forced. */
  kernels: string | undefined;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** The environment a stage process gets a few names of. */
  inherited: Readonly<Record<string, string | undefined>>;
}

export function readHostEnv(env: NodeJS.ProcessEnv = process.env): HostEnv {
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    const reasons = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new StillwattError('INPUT_INVALID', `the host's environment: ${reasons.join('; ')}`, {
      fix: 'start the host with `npm run demo`, or set these variables',
    });
  }
  const values = parsed.data;
  return {
    home: values[variables.home],
    artifacts: values[variables.artifacts],
    databaseUrl: values[variables.databaseUrl],
    temporalAddress: values[variables.temporalAddress],
    metricsPort: values[variables.metricsPort],
    slots: values[variables.slots],
    kernels: values[variables.kernels],
    logLevel: values[variables.logLevel],
    inherited: env,
  };
}
