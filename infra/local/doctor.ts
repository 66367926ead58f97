// Doctor for the CLI: set-up's own, which knows every prerequisite, part, port and service.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { readLocalEnv, root } from './env.ts';

const findingSchema = z.object({
  kind: z.enum(['prerequisite', 'part', 'service', 'port']),
  name: z.string(),
  /** One word a script can test. */
  state: z.string(),
  ok: z.boolean(),
  detail: z.string(),
  /** The command that puts it right; empty where nothing is wrong. */
  fix: z.string(),
});
const reportSchema = z.object({ ok: z.boolean(), findings: z.array(findingSchema) });
export type DoctorReport = z.output<typeof reportSchema>;

/** @param dir folder of the stack to look at */
export async function examine(dir: string): Promise<DoctorReport> {
  return reportSchema.parse(JSON.parse(await runDoctor(['--json', '--dir', dir])));
}

/** The same for people. */
export function examineAsText(dir: string): Promise<string> {
  return runDoctor(['--dir', dir]);
}

async function runDoctor(args: string[]): Promise<string> {
  const main = path.join(root, 'infra/setup/main.mjs');
  const options = { env: readLocalEnv().inherited };
  try {
    return (await promisify(execFile)(process.execPath, [main, '--doctor', ...args], options))
      .stdout;
  } catch (error) {
    // exit code 1 means that something is wrong, which the report says
    const { stdout } = error as { stdout?: string };
    if (stdout) return stdout;
    throw error;
  }
}
