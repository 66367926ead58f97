// A supervised process: started, started again, given up, stopped.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAlive } from '../setup/processes.mjs';
import { type Part, type Service, createPart } from './part.ts';
import { choosePorts, loopback } from './ports.ts';

let folder: string;
let part: Part | undefined;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sw-part-'));
});
afterEach(async () => {
  await part?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const server = `require('node:http').createServer((_, answer) => answer.end('hello'))
  .listen(Number(process.argv[1]), '127.0.0.1');`;

async function makeService(script = server): Promise<Service> {
  const { port = 0 } = await choosePorts(['port'], {});
  return {
    name: 'portal',
    log: path.join(folder, 'part.log'),
    ports: { http: port },
    command: () => ({
      file: process.execPath,
      args: ['-e', script, String(port)],
      cwd: folder,
      env: { NODE_ENV: 'production' },
    }),
    isReady: () =>
      fetch(`http://${loopback}:${port}`).then(
        () => true,
        () => false,
      ),
    readyWithinMs: 20_000,
    stopSignal: 'SIGTERM',
    stopWithinMs: 5000,
  };
}

describe('a part', () => {
  it('is started again when it is killed, and stays away when it is stopped', async () => {
    const notices: string[] = [];
    part = createPart(await makeService(), {
      restart: true,
      tries: 1,
      onChange: () => undefined,
      onNotice: (text) => notices.push(text),
    });
    await part.start();
    const first = part.view();
    expect(first).toMatchObject({ state: 'ready', restarts: 0 });

    await part.kill('SIGKILL');
    expect(isAlive(first.pid ?? 0, first.identity ?? '')).toBe(false);
    await part.untilReady();
    const second = part.view();
    expect(second).toMatchObject({ state: 'ready', restarts: 1 });
    expect(second.pid).not.toBe(first.pid);
    expect(notices).toEqual(['portal ended (ended by SIGKILL); starting it again']);

    await part.stop();
    expect(part.view()).toMatchObject({ state: 'stopped', pid: null });
    expect(isAlive(second.pid ?? 0, second.identity ?? '')).toBe(false);
  });

  it('stays down where restarts are off, until it is started', async () => {
    part = createPart(await makeService(), quiet(false));
    await part.start();
    await part.kill('SIGKILL');
    expect(part.view()).toMatchObject({ state: 'down', restarts: 0 });
    await part.start();
    expect(part.view().state).toBe('ready');
  });

  it('is given up after its tries, with the end of its log', async () => {
    const script = `console.error('no such disk'); process.exit(3)`;
    part = createPart(await makeService(script), { ...quiet(true), tries: 2 });
    await expect(part.start()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/exit code 3[^]*no such disk/) as string,
      fix: expect.stringContaining('part.log') as string,
    });
    expect(readFileSync(path.join(folder, 'part.log'), 'utf8').match(/no such disk/g)).toHaveLength(
      2,
    );
  });

  it('can be stopped while it waits for its next try', async () => {
    part = createPart(await makeService('process.exit(1)'), { ...quiet(true), tries: 1000 });
    const started = part.start().catch((error: unknown) => error);
    while (part.view().restarts < 4) await new Promise((resolve) => setImmediate(resolve));
    const before = performance.now();
    await part.stop();
    expect(performance.now() - before).toBeLessThan(1500); // its pause is 2 s by now
    await started;
    expect(part.view().state).toBe('stopped');
  });

  it('is killed when it does not end in time', async () => {
    const stubborn = `process.on('SIGTERM', () => {}); ${server}`;
    const service = { ...(await makeService(stubborn)), stopWithinMs: 200 };
    part = createPart(service, quiet(true));
    await part.start();
    const { pid, identity } = part.view();
    await part.stop();
    expect(isAlive(pid ?? 0, identity ?? '')).toBe(false);
  });
});

function quiet(restart: boolean) {
  return { restart, tries: 1, onChange: () => undefined, onNotice: () => undefined };
}
