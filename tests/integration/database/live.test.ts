// Live events on a real PostgreSQL: in the order of their commits, none lost or doubled when it is killed.
import { setImmediate } from 'node:timers/promises';
import { isStillwattError } from '@stillwatt/contracts';
import { createDatabase, type ProjectEvent } from '@stillwatt/db';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRun, startDatabase, type TestDatabase } from '../../support/database.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await startDatabase();
});
afterAll(() => test?.stop());

const event = (stage: string): Omit<ProjectEvent, 'id'> => ({
  ...{ projectId: test.projectId, type: 'stage', runId: null, sweepId: null, stage },
});

/** Listens; `until` waits for the event of a stage. */
async function listener(signal: AbortSignal) {
  const seen: ProjectEvent[] = [];
  let wake = () => {};
  await test.db.live.listen((next) => {
    seen.push(next);
    wake();
  }, signal);
  return {
    seen,
    async until(stage: string): Promise<void> {
      while (!seen.some((one) => one.stage === stage)) {
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

const numbers = (events: { id: string }[]) => events.map(({ id }) => Number(id));
const ascending = (list: number[]) =>
  list.every((id, index) => index === 0 || id > list[index - 1]!);

describe('live events', () => {
  it('reach listeners in order from many writers, and can be read again since an id', async () => {
    const { db, projectId } = test;
    const stop = new AbortController();
    const { seen, until } = await listener(stop.signal);
    const sinceId = await db.live.lastId(projectId);
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let k = 0; k < 25; k += 1) await db.live.append([event(`${writer}/${k}`)]);
    });
    await Promise.all(writers);
    await db.live.append([event('end')]);
    await until('end');
    stop.abort();
    expect(seen).toHaveLength(201);
    expect(ascending(numbers(seen))).toBe(true);
    const read = await db.live.listSince({ projectId, sinceId, limit: 1000 });
    expect(numbers(read)).toEqual(numbers(seen));
    const rest = await db.live.listSince({ projectId, sinceId: read[99]!.id, limit: 5 });
    expect(numbers(rest)).toEqual(numbers(read.slice(100, 105)));
  });

  it('never appear below an id that was seen: a later writer waits for an earlier one', async () => {
    const { db, projectId } = test;
    const slow = new pg.Client({ connectionString: test.url });
    await slow.connect();
    await slow.query('BEGIN');
    await slow.query(
      `INSERT INTO live_event (project_id, type, stage) VALUES ($1, 'stage', 'slow')`,
      [projectId],
    );
    let isWritten = false;
    const quick = db.live.append([event('quick')]).then(() => (isWritten = true));
    const waits = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'advisory'`;
    while ((await slow.query(waits)).rowCount === 0) await setImmediate();
    expect(isWritten).toBe(false);
    await slow.query('COMMIT');
    await quick;
    await slow.end();
    const last = await db.live.listSince({ projectId, sinceId: '0', limit: 10_000 });
    expect(last.slice(-2).map(({ stage }) => stage)).toEqual(['slow', 'quick']);
  });

  it('share one connection, which goes with the last listener', async () => {
    const client = new pg.Client({ connectionString: test.url });
    await client.connect();
    const count = async () => {
      const query = `SELECT 1 FROM pg_stat_activity WHERE application_name = 'stillwatt-live'`;
      return (await client.query(query)).rowCount;
    };
    while ((await count()) !== 0) await setImmediate();
    const stops = [new AbortController(), new AbortController()];
    const [first, second] = await Promise.all(stops.map((stop) => listener(stop.signal)));
    expect(await count()).toBe(1);
    stops[0]!.abort();
    await test.db.live.append([event('one left')]);
    await second!.until('one left');
    expect(first!.seen).toEqual([]);
    stops[1]!.abort();
    while ((await count()) !== 0) await setImmediate();
    await client.end();
  });

  it('are neither lost nor doubled when PostgreSQL is killed', async () => {
    const stop = new AbortController();
    const { seen, until } = await listener(stop.signal);
    await test.db.live.append([event('before')]);
    await until('before');
    await test.server.kill();
    await test.server.start();
    // by another process, while ours may not be back yet
    const other = createDatabase({ url: test.url });
    for (let k = 0; k < 20; k += 1) await other.live.append([event(`while away ${k}`)]);
    await other.live.append([event('back')]);
    await other.close();
    await until('back');
    stop.abort();
    expect(seen.map(({ stage }) => stage)).toEqual([
      'before',
      ...Array.from({ length: 20 }, (_, k) => `while away ${k}`),
      'back',
    ]);
  });

  it('are forgotten when they are old', async () => {
    const { db, projectId } = test;
    const sinceId = '0';
    expect(await db.live.prune(new Date(0).toISOString())).toBe(0);
    expect(await db.live.prune(new Date(Date.now() + 60_000).toISOString())).toBeGreaterThan(0);
    expect(await db.live.listSince({ projectId, sinceId, limit: 10 })).toEqual([]);
  });
});

describe('a database that is away', () => {
  it('is STORAGE_UNAVAILABLE to every caller, and works again when it is back', async () => {
    const { db, projectId, server } = test;
    const { runId } = await makeRun(db, { projectId });
    await server.kill();
    const calls = {
      'runs.get': () => db.runs.get(runId),
      'runs.setState': () => db.runs.setState(runId, { state: 'running' }),
      'metrics.append': () =>
        db.metrics.append(`${runId}/data`, [{ name: 'x', step: 0, value: 1 }]),
      'projects.ofRun (Prisma)': () => db.projects.ofRun(runId),
      'members.setRole (transaction)': () => db.members.setRole(projectId, 'x', 'owner'),
      'live.listen': () => db.live.listen(() => {}, new AbortController().signal),
      ping: () => db.ping(),
    };
    for (const [name, call] of Object.entries(calls)) {
      const error: unknown = await call().catch((reason: unknown) => reason);
      expect(isStillwattError(error) && [error.code, error.retryable], name).toEqual([
        'STORAGE_UNAVAILABLE',
        true,
      ]);
    }
    await server.start();
    await db.ping();
    expect(await db.projects.ofRun(runId)).toBe(projectId);
    expect(await db.runs.setState(runId, { state: 'running' })).toBe(true);
  });
});
