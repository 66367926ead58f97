// The environment as the CLI reads it.
import path from 'node:path';
import { variables } from '@stillwatt/contracts';
import { z } from 'zod';

const schema = z.object({
  [variables.url]: z.url().optional(),
  [variables.apiKey]: z.string().min(1).optional(),
  [variables.home]: z.string().min(1).optional(),
  NO_COLOR: z.string().optional(),
  COLUMNS: z.coerce.number().int().min(40).optional(),
});

export interface CliEnv {
  url: string | undefined;
  apiKey: string | undefined;
  /** Folder of the local stack. */
  home: string;
  colour: boolean;
  columns: number | undefined;
}

export function readEnv(env: Record<string, string | undefined> = process.env): CliEnv {
  const parsed = schema.parse(env);
  return {
    url: parsed[variables.url],
    apiKey: parsed[variables.apiKey],
    home: parsed[variables.home] ?? path.resolve(import.meta.dirname, '../../.stillwatt'),
    colour: !parsed.NO_COLOR,
    columns: parsed.COLUMNS,
  };
}
