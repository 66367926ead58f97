// The supervisor's small parts: ports, secrets, lock, state, requests.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { procedures } from '@stillwatt/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identityOf } from '../setup/processes.mjs';
import { createApi, toRequest } from './api-client.ts';
import { readOptions } from './demo/options.ts';
import { onOtherData } from './demo/spec.ts';
import { takeFolder } from './instance-lock.ts';
import { layoutOf, makeFolders } from './layout.ts';
import { choosePorts, loopback } from './ports.ts';
import { loadSecrets, saveApiKey } from './secrets.ts';
import { readState, writeState } from './state.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sw-local-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A port that is taken while `work` runs. */
async function withTakenPort(work: (port: number) => Promise<void>): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, loopback, resolve));
  const address = server.address();
  try {
    await work(typeof address === 'object' && address !== null ? address.port : 0);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('ports', () => {
  it('are distinct, and the same next time', async () => {
    const first = await choosePorts(['a', 'b', 'c'], {});
    expect(new Set(Object.values(first)).size).toBe(3);
    expect(await choosePorts(['a', 'b', 'c'], first)).toEqual(first);
  });

  it('are replaced where another program took a remembered one', () =>
    withTakenPort(async (taken) => {
      const { http } = await choosePorts(['http'], { http: taken });
      expect(http).not.toBe(taken);
    }));

  it('are an error where a wished one is taken', () =>
    withTakenPort(async (taken) => {
      await expect(choosePorts(['http'], {}, { http: taken })).rejects.toMatchObject({
        code: 'PORT_TAKEN',
        message: expect.stringContaining(String(taken)) as string,
      });
    }));
});

describe('folder of a stack', () => {
  it('keeps its secrets to its owner, and for good', () => {
    const { secrets } = layoutOf(folder);
    const made = loadSecrets(secrets);
    saveApiKey(secrets, 'sw_key', 'prj');
    expect(loadSecrets(secrets)).toEqual({ ...made, apiKey: 'sw_key', projectId: 'prj' });
    expect(statSync(secrets).mode & 0o777).toBe(0o600);
  });

  it('belongs to one supervisor, and the second hears where the first is', () => {
    const layout = layoutOf(folder);
    makeFolders(layout);
    const letGo = takeFolder(layout);
    writeState(layout.state, {
      version: 1,
      stackId: 'x',
      supervisor: { pid: process.pid, identity: identityOf(process.pid) },
      urls: { portal: 'http://127.0.0.1:4321' },
      parts: {},
    });
    expect(() => takeFolder(layout)).toThrow(
      expect.objectContaining({
        code: 'ALREADY_RUNNING',
        message: expect.stringContaining('http://127.0.0.1:4321') as string,
      }),
    );
    letGo();
    takeFolder(layout)();
  });

  it('is taken over from a supervisor that was killed', () => {
    const layout = layoutOf(folder);
    writeFileSync(layout.lock, `${process.pid} an-earlier-life`);
    takeFolder(layout)();
  });

  it('has no state before its first start', () => {
    expect(readState(layoutOf(folder).state)).toBeNull();
  });
});

describe('requests', () => {
  it('put ids into the path and the rest into the query or the body', () => {
    const listed = { projectId: 'prj_1', limit: 5, search: 'a b', cursor: undefined };
    expect(toRequest(procedures['runs.list'], listed)).toEqual({
      method: 'GET',
      path: '/projects/prj_1/runs?limit=5&search=a+b',
    });
    expect(toRequest(procedures['specs.launch'], { projectId: 'prj/1', spec: 'x: 1' })).toEqual({
      method: 'POST',
      path: '/projects/prj%2F1/launch',
      body: '{"spec":"x: 1"}',
    });
    expect(() => toRequest(procedures['runs.get'], {})).toThrow('runId is missing');
  });

  it('to nobody are UNAVAILABLE and may be tried again', async () => {
    const { free } = await choosePorts(['free'], {});
    const api = createApi({ url: `http://${loopback}:${free}` });
    const failure = { code: 'UNAVAILABLE', retryable: true };
    await expect(api.call('me.get', {})).rejects.toMatchObject(failure);
  });
});

describe('demo', () => {
  it('reads its options and refuses what makes no sense', () => {
    expect(readOptions(['--exit', '--dir', 'x'], '/w')).toMatchObject({ exit: true, dir: '/w/x' });
    for (const bad of [['--task', 'sst2'], ['--portal-port', '70000'], ['--nonsense']]) {
      expect(() => readOptions(bad, '/w')).toThrow(
        expect.objectContaining({ code: 'INPUT_INVALID' }),
      );
    }
  });

  it('puts its experiment on other data', () => {
    const text = 'experiment: demo\ndata: { task: movie-snippets, maxLength: 64 }\n';
    expect(onOtherData(text, { dir: '/data', task: 'sst2' })).toEqual({
      experiment: 'demo',
      data: { task: 'sst2', maxLength: 64, source: 'dir:/data' },
      evaluate: { split: 'validation' },
    });
  });
});
