// What set-up installed, from the list it leaves in node_modules.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { StillwattError } from '@stillwatt/contracts';
import { z } from 'zod';
import { root } from './env.ts';

const installedSchema = z.object({
  cache: z.string(),
  temporal: z.string(),
});
export type Installed = z.output<typeof installedSchema>;

const list = path.join(root, 'node_modules/.stillwatt/parts.json');

/** Throws PREREQUISITE_MISSING where set-up has not been run. */
export function readInstalled(): Installed {
  const [major] = process.versions.node.split('.');
  if (Number(major) < 22) {
    throw missing(`this needs Node 22, and ${process.version} runs it`);
  }
  let text: string;
  try {
    text = readFileSync(list, 'utf8');
  } catch (cause) {
    throw missing('set-up has not been run in this checkout', cause);
  }
  return installedSchema.parse(JSON.parse(text));
}

function missing(what: string, cause?: unknown): StillwattError {
  const fix = 'npm run setup, then start this by npm or with node_modules/.bin/node';
  return new StillwattError('PREREQUISITE_MISSING', what, { fix, cause });
}
