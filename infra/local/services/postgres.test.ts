// What an earlier server left is ended under whatever name its folder has.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { identityOf } from '../../setup/processes.mjs';
import { endOldServer } from './postgres.ts';

it('ends the server of a folder that is reached by a link, before its pid file goes', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'stillwatt-data-'));
  const [data, link] = [path.join(folder, 'data'), path.join(folder, 'link')];
  mkdirSync(data);
  symlinkSync(data, link);
  const server = spawn('sleep', ['60'], { cwd: data });
  try {
    await once(server, 'spawn');
    const pidFile = path.join(data, 'postmaster.pid');
    writeFileSync(pidFile, `${server.pid}\n`);
    const ended = once(server, 'exit');
    await endOldServer(link);
    expect(existsSync(pidFile)).toBe(false);
    expect(identityOf(server.pid ?? 0), 'it must be gone').toBe('');
    expect(await ended).toEqual([null, 'SIGINT']);
  } finally {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});
