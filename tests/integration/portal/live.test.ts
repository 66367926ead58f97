// Live events: replay and resume, presence, and an end when the reader leaves.
import { type LiveEvent, restBase } from '@stillwatt/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { maxWaiting } from '../../../apps/portal/server/live/queue.ts';
import { type As, portalUrl, startPortal, type TestPortal } from '../../support/portal.ts';
import { createWorld, type World } from '../../support/portal-world.ts';

let portal: TestPortal;
let world: World;
beforeAll(async () => {
  portal = await startPortal();
  world = await createWorld(portal);
});
afterAll(() => portal.stop());

interface Reader {
  /** The next event that `wanted` accepts. */
  next(wanted: (event: LiveEvent) => boolean): Promise<LiveEvent>;
  leave(): Promise<void>;
}

/** Over REST, or over tRPC as the pages do it: both are server-sent events. */
async function open(as: As, query: string, lastEventId?: string): Promise<Reader> {
  const path = `${restBase}/projects/${world.ids['projectId']}/events${query}`;
  return read(await portal.fetch(path, { headers: headersOf(as, lastEventId) }));
}

function read(response: Response): Reader {
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  if (!response.body) throw new Error('no body');
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    async next(wanted) {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end >= 0) {
          const block = text.slice(0, end);
          text = text.slice(end + 2);
          const data = block.split('\n').find((line) => line.startsWith('data: {'));
          const event = data && (JSON.parse(data.slice(6)) as LiveEvent);
          if (event && 'type' in event && wanted(event)) return event;
          continue;
        }
        const { done, value } = await reader.read();
        if (done) throw new Error('the stream ended');
        text += value;
      }
    },
    leave: () => reader.cancel(),
  };
}

function headersOf({ cookie, key }: As, lastEventId?: string): Record<string, string> {
  return {
    origin: portalUrl,
    ...(cookie === undefined ? {} : { cookie }),
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
  };
}

const runId = () => world.ids['runId'] ?? '';
const isComment = ({ type }: LiveEvent) => type === 'comment';
const comment = (body: string) =>
  portal.trpc('comments.add', { runId: runId(), body }, world.viewer);

test('an event arrives while one looks, and is replayed from an id', async () => {
  const { body: run } = await portal.trpc('runs.get', { runId: runId() }, world.owner);
  const reader = await open(world.member, '');
  await comment('one');
  const first = await reader.next(isComment);
  expect(first.runId).toBe(runId());
  await reader.leave();
  await comment('two');
  const again = await open(world.member, '', first.id);
  const second = await again.next(() => true);
  expect(second.type).toBe('comment');
  expect(BigInt(second.id)).toBeGreaterThan(BigInt(first.id));
  await again.leave();
  const fromPage = await open(world.member, '', run.lastEventId);
  expect(await fromPage.next(() => true)).toEqual(first);
  expect(await fromPage.next(() => true)).toEqual(second);
  await fromPage.leave();
});

test('the subscription of the pages carries the same events with their ids', async () => {
  const input = encodeURIComponent(JSON.stringify({ projectId: world.ids['projectId'] }));
  const response = await portal.fetch(`/api/trpc/live.subscribe?input=${input}`, {
    headers: headersOf(world.owner),
  });
  const reader = read(response);
  await comment('three');
  expect((await reader.next(isComment)).runId).toBe(runId());
  await reader.leave();
});

test('people on a run’s page see each other come and go', async () => {
  const query = `?runId=${runId()}`;
  const names = ({ people = [] }: LiveEvent) => people.map(({ name }) => name).join();
  const mia = await open(world.member, query);
  await mia.next((event) => names(event) === 'mia');
  const vic = await open(world.viewer, query);
  await mia.next((event) => names(event) === 'mia,vic');
  await vic.next((event) => names(event) === 'mia,vic');
  await vic.leave();
  await mia.next((event) => names(event) === 'mia');
  await mia.leave();
});

test('nothing of another project arrives, and readers who left are forgotten', async () => {
  const reader = await open(world.member, '');
  const { db, metrics } = portal.services;
  const elsewhere = { projectId: world.strangerProjectId, runId: null, sweepId: null, stage: null };
  await db.live.append([{ ...elsewhere, type: 'sweep' }]);
  await comment('four');
  expect((await reader.next(() => true)).type).toBe('comment');
  await reader.leave();
  const text = await metrics.registry.metrics();
  expect(text.match(/^stillwatt_api_live_subscribers .*$/m)?.[0]).toMatch(/ 0$/);
});

test('who comes back after its events were forgotten is told, who missed none is not', async () => {
  const { live } = portal.services.db;
  const projectId = world.ids['projectId'] ?? '';
  const seen = await live.lastId(projectId);
  await comment('five');
  await live.prune(new Date(Date.now() + 60_000).toISOString());
  const late = await open(world.member, '', seen);
  expect((await late.next(() => true)).type).toBe('gap');
  await comment('six');
  const six = await late.next(() => true);
  expect(six.type).toBe('comment');
  await late.leave();
  const again = await open(world.member, '', six.id);
  await comment('seven');
  expect((await again.next(() => true)).type).toBe('comment');
  await again.leave();
});

test('a reader who falls too far behind is cut off, and nothing else breaks', async () => {
  const { live } = portal.services.db;
  const projectId = world.ids['projectId'] ?? '';
  const reader = await open(world.member, '');
  const stop = new AbortController();
  let left = 2 * maxWaiting;
  const delivered = new Promise<void>((resolve) => {
    void live.listen(() => (--left === 0 ? resolve() : undefined), stop.signal);
  });
  const event = { projectId, type: 'sweep', runId: null, sweepId: null, stage: null } as const;
  await live.append(Array.from({ length: 2 * maxWaiting }, () => event));
  await delivered;
  stop.abort();
  await expect(reader.next(() => false)).rejects.toThrow('the stream ended');
});

test('an id that no event has is refused', async () => {
  const path = `${restBase}/projects/${world.ids['projectId']}/events`;
  for (const id of ['soon', '-1', '9'.repeat(30)]) {
    const response = await portal.fetch(path, { headers: headersOf(world.member, id) });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
      400,
      'INPUT_INVALID',
    ]);
  }
});
