// The CLI over HTTP against the portal's server: every verb, its JSON, its errors and its exit codes.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { planStages } from '@stillwatt/contracts';
import { createPaint } from '@stillwatt/local';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CliEnv } from '../../../apps/cli/env.ts';
import { run as runCli } from '../../../apps/cli/program.ts';
import { createKey } from '../../../apps/portal/server/api-keys.ts';
import { startPortal, type TestPortal } from '../../support/portal.ts';
import { createWorld, newId, type World } from '../../support/portal-world.ts';
import { startTemporal, type TestTemporal } from '../../support/temporal.ts';

const demo = new URL('../../../workflows/contracts/examples/demo.yaml', import.meta.url).pathname;

let temporal: TestTemporal;
let portal: TestPortal;
let world: World;
let env: CliEnv;
/** Paths that begin with this are refused on their way. */
let refused: string | null = null;
const server = createServer((request, response) => {
  void (async () => {
    const body = await buffer(request);
    if (refused !== null && request.url?.startsWith(refused)) {
      response.writeHead(403).end(JSON.stringify({ code: 'FORBIDDEN', message: 'no' }));
      return;
    }
    const answer = await portal.fetch(request.url ?? '/', {
      method: request.method ?? 'GET',
      headers: request.headers as Record<string, string>,
      ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
    });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  })();
});

beforeAll(async () => {
  temporal = await startTemporal();
  portal = await startPortal({ temporalAddress: temporal.address });
  world = await createWorld(portal);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { db } = portal.services;
  const projectId = world.ids['projectId'] ?? '';
  const role = 'member';
  const key = { projectId, name: 'cli', role, createdBy: null, expiresAt: null } as const;
  const { secret } = await createKey(db, key);
  const { port } = server.address() as AddressInfo;
  const home = '/nonexistent';
  env = {
    ...{ url: `http://127.0.0.1:${port}`, apiKey: secret, home, folder: '/' },
    ...{ colour: false, columns: 80 },
  };
});
afterAll(async () => {
  server.close();
  await portal.stop();
  await temporal.stop();
});

interface Outcome {
  code: number;
  out: string;
  err: string;
}

async function cli(argv: string[], over: Partial<CliEnv> = {}, signal?: AbortSignal) {
  const outcome: Outcome = { code: -1, out: '', err: '' };
  const io = {
    out: (text: string) => void (outcome.out += text),
    err: (text: string) => void (outcome.err += text),
    isTerminal: false,
    columns: () => 80,
    rows: () => 24,
    paint: createPaint(false),
    interrupted: signal ?? new AbortController().signal,
  };
  outcome.code = await runCli(argv, io, { ...env, ...over });
  for (const line of outcome.out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  return outcome;
}

test('submit launches, show shows, cancel cancels', async () => {
  const { code, out } = await cli(['submit', demo, '--json']);
  expect(code).toBe(0);
  const { sweepId } = JSON.parse(out) as { sweepId: string };
  const shown = await cli(['show', sweepId]);
  expect(shown.out).toMatch(/^demo {2}running {2}2 runs: none started yet$/m);
  const cancelled = await cli(['cancel', sweepId, '--json']);
  expect(JSON.parse(cancelled.out)).toEqual({ id: sweepId, cancelled: true });
});

test('list and show have the run, its stages and its address', async () => {
  const runId = world.ids['runId'] ?? '';
  const listed = await cli(['list', '--search', 'toy']);
  expect(listed.out).toContain(runId);
  const json = JSON.parse((await cli(['list', '--json'])).out) as { items: { id: string }[] };
  expect(json.items.map(({ id }) => id)).toContain(runId);
  const shown = await cli(['show', runId]);
  expect(shown.out).toContain(`${env.url}/runs/${runId}`);
  expect(shown.out).toMatch(/distill .*waits for its inputs/);
  expect((await cli(['list', '--state', 'failed'])).out).toMatch(/^No runs match\./);
});

test('watch ends with the run, and its exit code says how', async () => {
  const { db } = portal.services;
  const runId = world.ids['runId'] ?? '';
  for (const { name } of planStages((await db.runs.get(runId))!.spec)) {
    const path = `${world.ids['sweepId']}/${runId}/${name}`;
    await db.stages.setState(path, { state: 'cancelled' });
  }
  const watching = cli(['watch', runId]);
  const error = {
    code: 'DIVERGED',
    message: 'loss is NaN',
    fix: 'lower it',
    retryable: false,
  } as const;
  await db.runs.setState(runId, { state: 'failed', error });
  const { code, out } = await watching;
  expect(code).toBe(1);
  expect(out).toMatch(/1 run, 10 stages: 10 cancelled/);
  const shown = await cli(['show', runId]);
  expect(shown.out).toMatch(/DIVERGED: loss is NaN\n {2}what to do: lower it/);
});

test('show says why a sweep failed before its first run', async () => {
  const { db } = portal.services;
  const { projectId = '', sweepId: of = '' } = world.ids;
  const { spec } = (await db.sweeps.get(of))!;
  const sweepId = newId('sweep');
  const asked = { projectId, requestedBy: null, sweepId, spec };
  await db.sweeps.insert(asked, { planned: 0 });
  const path = 'student.init';
  const error = {
    code: 'SPEC_INVALID' as const,
    message: 'cell 2: too few layers',
    fix: 'add one',
    path,
  };
  await db.sweeps.setState(sweepId, { state: 'failed', error: { ...error, retryable: false } });
  expect((await cli(['show', sweepId])).out).toMatch(
    /^toy {2}failed .*\n[^]*SPEC_INVALID: cell 2: too few layers\n {2}what to do: add one/,
  );
  const json = JSON.parse((await cli(['show', sweepId, '--json'])).out) as object;
  expect(json).toMatchObject({ state: 'failed', error });
});

test('what was launched is told, also where watching it fails', async () => {
  refused = '/api/v1/sweeps/';
  const { code, out, err } = await cli(['submit', demo, '--watch', '--json']);
  refused = null;
  const { sweepId } = JSON.parse(out) as { sweepId: string };
  expect([code, sweepId]).toEqual([3, expect.stringMatching(/^sweep_/)]);
  expect(JSON.parse(err)).toMatchObject({ error: { code: 'FORBIDDEN' } });
  await cli(['cancel', sweepId, '--json']);
});

test('a reader that has seen enough is no error', () => {
  const io = new URL('../../../apps/cli/io.ts', import.meta.url).href;
  // Writes as a live view does, until somebody stops it.
  const writes = `import { processIo } from '${io}';
    const { out } = processIo({ colour: false });
    setInterval(() => out('a line'), 1);`;
  const line = '"$0" --input-type=module -e "$1" | true';
  const options = { encoding: 'utf8', timeout: 60_000 } as const;
  const { stderr } = spawnSync('sh', ['-c', line, process.execPath, writes], options);
  expect(stderr).toBe('');
});

test('Ctrl-C detaches and says how to return', async () => {
  const interrupt = new AbortController();
  const launched = JSON.parse((await cli(['submit', demo, '--json'])).out) as { sweepId: string };
  const watching = cli(['watch', launched.sweepId], {}, interrupt.signal);
  interrupt.abort();
  const { code, out } = await watching;
  expect(code).toBe(130);
  expect(out).toContain(`Return with: stillwatt watch ${launched.sweepId}`);
});

test('compare says in what the runs differ', async () => {
  const runId = world.ids['runId'] ?? '';
  const { code, out } = await cli(['compare', runId, runId, '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ runs: [{ id: runId }], differences: [] });
  expect((await cli(['compare', runId, runId])).out).toContain('The specs are the same.');
});

test.each([
  [2, ['show', 'nothing'], {}, /INPUT_INVALID.*\n.*what to do: ids look like/],
  [2, ['submit', '/no/such/file'], {}, /INPUT_INVALID: \/no\/such\/file cannot be read/],
  [2, ['list', '--limit', 'many'], {}, /--limit many/],
  [2, ['show', 'run_x'], {}, /INPUT_INVALID.*run_x.*\n.*what to do: ids look like/],
  [2, ['lst'], {}, /INPUT_INVALID: unknown command.*\n.*did you mean list\? stillwatt --help/],
  [2, ['show'], {}, /INPUT_INVALID: missing required argument.*\n.*stillwatt show --help/],
  [3, ['list'], { apiKey: 'sw_wrong' }, /UNAUTHENTICATED/],
  [3, ['list'], { apiKey: undefined }, /UNAUTHENTICATED.*\n.*STILLWATT_API_KEY/],
  [4, ['show', 'run_000000000000'], {}, /NOT_FOUND/],
  [5, ['list'], { url: 'http://127.0.0.1:9' }, /UNAVAILABLE/],
  [5, ['list'], { url: undefined, apiKey: undefined }, /UNAVAILABLE.*\n.*npm run demo/],
] as const)('exit code %i for %j', async (expected, argv, over, text) => {
  const { code, out, err } = await cli([...argv], over);
  expect([code, out]).toEqual([expected, '']);
  expect(err).toMatch(text);
});

test('errors are JSON where JSON was asked for', async () => {
  const { err } = await cli(['show', 'run_000000000000', '--json']);
  expect(JSON.parse(err)).toMatchObject({ error: { code: 'NOT_FOUND' } });
  const unread = await cli(['list', '--json', '--bogus']);
  expect(JSON.parse(unread.err)).toMatchObject({ error: { code: 'INPUT_INVALID' } });
});

test('every verb has help with an example, and the exit codes are documented', async () => {
  for (const verb of ['submit', 'watch', 'list', 'show', 'compare', 'cancel', 'doctor']) {
    const { code, out } = await cli([verb, '--help']);
    expect([code, out.includes(`stillwatt ${verb}`), out.includes('--json')]).toEqual([
      0,
      true,
      true,
    ]);
    expect(out).toMatch(/example\n {2}stillwatt /);
  }
  expect((await cli(['--help'])).out).toMatch(/130 {2}detached/);
});
