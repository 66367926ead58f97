// Brings the database to the newest schema, by the database package's own command.
import { execFile } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { StillwattError, variables } from '@stillwatt/contracts';
import { type ChildEnv, root } from './env.ts';

export async function migrate(databaseUrl: string, env: ChildEnv, log: string) {
  const options = { cwd: root, env: { ...env, [variables.databaseUrl]: databaseUrl } };
  try {
    const args = ['run', 'migrate', '--workspace', '@stillwatt/db', '--silent'];
    const { stdout, stderr } = await promisify(execFile)('npm', args, options);
    appendFileSync(log, stdout + stderr);
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
    appendFileSync(log, stdout + stderr);
    const last = `${stdout}${stderr}`.trim().split('\n').slice(-8).join('\n');
    throw new StillwattError('UNAVAILABLE', `the database could not be migrated:\n${last}`, {
      fix: `the whole output is in ${log}`,
      cause,
    });
  }
}
