// The portal's settings, from the environment; parsed once, when the first request needs them.
import { StillwattError, variables } from '@stillwatt/contracts';
import { z } from 'zod';

const schema = z.object({
  [variables.databaseUrl]: z.string().min(1),
  [variables.temporalAddress]: z.string().min(1),
  [variables.artifacts]: z.string().min(1),
  [variables.url]: z.url({ protocol: /^https?$/ }),
  [variables.authSecret]: z
    .string()
    .min(32, 'at least 32 characters, for example 32 random bytes in hex'),
  [variables.adminToken]: z.string().min(16, 'at least 16 characters').optional(),
  [variables.logLevel]: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  [variables.metricsToken]: z.string().min(16, 'at least 16 characters').optional(),
});

export interface Env {
  databaseUrl: string;
  temporalAddress: string;
  artifacts: string;
  /** Address under which people open the portal, without a slash at the end. */
  url: string;
  authSecret: string;
  adminToken: string | undefined;
  metricsToken: string | undefined;
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

/** @throws StillwattError PREREQUISITE_MISSING naming every variable that is absent or wrong. */
export function readEnv(source: Record<string, string | undefined> = process.env): Env {
  const parsed = schema.safeParse(source);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new StillwattError('PREREQUISITE_MISSING', `the portal's settings: ${wrong.join('; ')}`, {
      fix: 'set these environment variables, or start the stack with npm run demo',
    });
  }
  const value = parsed.data;
  return {
    databaseUrl: value.DATABASE_URL,
    temporalAddress: value.TEMPORAL_ADDRESS,
    artifacts: value.STILLWATT_ARTIFACTS,
    url: value.STILLWATT_URL.replace(/\/+$/, ''),
    authSecret: value.STILLWATT_AUTH_SECRET,
    adminToken: value.STILLWATT_ADMIN_TOKEN,
    metricsToken: value.STILLWATT_METRICS_TOKEN,
    logLevel: value.STILLWATT_LOG_LEVEL,
  };
}

/** True if people reach the portal under https: then browsers are told to stay there. */
export function isHttps(source: Record<string, string | undefined> = process.env): boolean {
  return source[variables.url]?.startsWith('https:') ?? false;
}

/** True under `next dev`. */
export function isDevelopment(): boolean {
  return process.env.NODE_ENV === 'development';
}
