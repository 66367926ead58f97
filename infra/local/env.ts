// The environment as the supervisor and the demo read it.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { variables } from '@stillwatt/contracts';
import { z } from 'zod';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Names npm and vitest leave in the environment, which would confuse the npm and Node.js we start. */
const notInherited = /^(npm_|INIT_CWD$|NODE_OPTIONS$|VITEST|NODE_ENV$)/;

const schema = z.object({
  [variables.cache]: z.string().min(1).optional(),
  NO_COLOR: z.string().optional(),
  COLUMNS: z.coerce.number().int().positive().optional(),
});

/** What a part of the stack is started with: everything runs as it does in production. */
export type ChildEnv = Record<string, string> & { NODE_ENV: 'production' };

export interface LocalEnv {
  /** STILLWATT_CACHE as the user set it; set-up knows the default. */
  cache: string | undefined;
  colour: boolean;
  columns: number | undefined;
  /** What every part of the stack starts from. */
  inherited: ChildEnv;
}

export function readLocalEnv(env: NodeJS.ProcessEnv = process.env): LocalEnv {
  const parsed = schema.parse(env);
  const inherited: ChildEnv = { NODE_ENV: 'production' };
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !notInherited.test(name)) inherited[name] = value;
  }
  const bin = path.join(root, 'node_modules/.bin');
  inherited['PATH'] = `${bin}${path.delimiter}${inherited['PATH'] ?? ''}`;
  return {
    cache: parsed[variables.cache],
    colour: !parsed.NO_COLOR && process.stdout.isTTY,
    columns: parsed.COLUMNS,
    inherited,
  };
}
