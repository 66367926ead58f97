// The environment as the CLI reads it.
import path from 'node:path';
import { StillwattError, variables } from '@stillwatt/contracts';
import { z } from 'zod';

const schema = z.object({
  [variables.url]: z.url().optional(),
  [variables.apiKey]: z.string().optional(),
  [variables.home]: z.string().optional(),
  NO_COLOR: z.string().optional(),
  /** Narrower than 40, nothing aligns any more; what is no number says nothing. */
  COLUMNS: z.coerce
    .number()
    .int()
    .transform((columns) => Math.max(40, columns))
    .optional()
    .catch(undefined),
  /** Where `npm run stillwatt` was called: npm changes to the root of the checkout. */
  INIT_CWD: z.string().optional(),
  npm_lifecycle_event: z.string().optional(),
});

export interface CliEnv {
  url: string | undefined;
  apiKey: string | undefined;
  /** Folder of the local stack. */
  home: string;
  /** Paths that a person writes start here. */
  folder: string;
  colour: boolean;
  columns: number | undefined;
}

/** @throws StillwattError INPUT_INVALID naming the variable. */
export function readEnv(env: Record<string, string | undefined> = process.env): CliEnv {
  // A variable that is set to nothing says nothing.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const read = schema.safeParse(given);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new StillwattError('INPUT_INVALID', `${issue?.path.join('.')}: ${issue?.message}`, {
      fix: 'an address looks like http://127.0.0.1:8080; unset it to use the stack of this machine',
    });
  }
  const parsed = read.data;
  const byNpm = parsed.npm_lifecycle_event === 'stillwatt';
  return {
    url: parsed[variables.url],
    apiKey: parsed[variables.apiKey],
    home: parsed[variables.home] ?? path.resolve(import.meta.dirname, '../../.stillwatt'),
    folder: (byNpm ? parsed.INIT_CWD : undefined) ?? process.cwd(),
    colour: !parsed.NO_COLOR,
    columns: parsed.COLUMNS,
  };
}
