// The supervisor over real PostgreSQL and Temporal: starts, survives kills, cleans up, stops.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { layoutOf, readState, startStack } from '@stillwatt/local';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readInstalled } from '../../../infra/local/installed.ts';
import { processesOf } from '../../../infra/local/leftovers.ts';
import { isAlive } from '../../../infra/setup/processes.mjs';

const parts = ['postgres', 'temporal'] as const;
let dir: string;
let supervisor: ChildProcess | undefined;
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'sw-stack-'));
});
afterAll(() => {
  supervisor?.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

function temporal(address: string, ...args: string[]): string {
  return execFileSync(readInstalled().temporal, [...args, '--address', address], {
    encoding: 'utf8',
  });
}

/** A supervisor in a process of its own, so that it can be killed. Resolves when its stack is up. */
async function startSupervisor(): Promise<ChildProcess> {
  const entry = new URL('../../../infra/local/index.ts', import.meta.url).href;
  const script = `import { startStack } from ${JSON.stringify(entry)};
    await startStack({ dir: ${JSON.stringify(dir)}, parts: ${JSON.stringify(parts)} });
    console.log('up');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  supervisor = child;
  await once(child.stdout, 'data');
  return child;
}

function known(): { pid: number; identity: string }[] {
  const state = readState(layoutOf(dir).state);
  return parts.map((name) => {
    const { pid, identity } = state?.parts[name] ?? { pid: null, identity: null };
    if (pid === null || identity === null) throw new Error(`${name} does not run`);
    return { pid, identity };
  });
}

describe('the embedded stack', () => {
  it('starts migrated, refuses a second supervisor, keeps data over kill -9, and leaves nothing', async () => {
    const stack = await startStack({ dir, parts });
    try {
      expect(statSync(layoutOf(dir).state).mode & 0o777).toBe(0o600);
      expect(
        await query(
          stack.urls.database,
          'SELECT count(*) > 10 AS migrated FROM pg_tables WHERE schemaname = current_schema()',
        ),
      ).toEqual([{ migrated: true }]);
      await expect(startStack({ dir, parts })).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });

      await query(stack.urls.database, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)');
      temporal(stack.urls.temporal, 'operator', 'namespace', 'create', '--namespace', 'kept');
      for (const name of parts) {
        await stack.kill(name, 'SIGKILL');
        await stack.untilReady(name);
        expect(stack.parts()[name]).toMatchObject({ state: 'ready', restarts: 1 });
      }
      expect(await query(stack.urls.database, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
      expect(temporal(stack.urls.temporal, 'operator', 'namespace', 'list')).toContain('kept');
    } finally {
      await stack.stop();
    }
    const { stackId } = readState(layoutOf(dir).state) ?? {};
    expect(processesOf(stackId ?? '')).toEqual([]);
  });

  it('ends what a killed supervisor left, and takes the same ports again', async () => {
    const first = await startSupervisor();
    const left = known();
    const before = readState(layoutOf(dir).state);
    first.kill('SIGKILL');
    await once(first, 'exit');
    for (const { pid, identity } of left) expect(isAlive(pid, identity)).toBe(true);

    const stack = await startStack({ dir, parts });
    try {
      for (const { pid, identity } of left) expect(isAlive(pid, identity)).toBe(false);
      expect(stack.parts().postgres?.ports).toEqual(before?.parts.postgres?.ports);
      expect(stack.parts().temporal?.ports).toEqual(before?.parts.temporal?.ports);
    } finally {
      await stack.stop();
    }
  });

  it('does not mistake another program for its old PostgreSQL', async () => {
    // a postmaster.pid whose number is by now that of a living program of the same user
    const asPostgres = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    const program = spawn('sleep', ['60'], asPostgres);
    const data = layoutOf(dir).postgresData;
    const text = `${program.pid}\n${data}\n1\n5432\n\n127.0.0.1\n`;
    writeFileSync(path.join(data, 'postmaster.pid'), text);
    try {
      const stack = await startStack({ dir, parts: ['postgres'] });
      await stack.stop();
      expect(program.exitCode).toBeNull();
    } finally {
      program.kill();
    }
  });

  it('says PORT_TAKEN and starts nothing when the wished port is in use', async () => {
    const stack = await startStack({ dir, parts: ['temporal'] });
    const taken = stack.parts().temporal?.ports['ui'] ?? 0;
    const other = mkdtempSync(path.join(tmpdir(), 'sw-stack-other-'));
    try {
      const started = startStack({ dir: other, parts, portalPort: taken });
      await expect(started).rejects.toMatchObject({ code: 'PORT_TAKEN' });
    } finally {
      await stack.stop();
      rmSync(other, { recursive: true, force: true });
    }
  });
});
