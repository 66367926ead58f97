// Runs and stages on a real PostgreSQL: written once, moved forward only, listed page by page.
import { StillwattError, type RunRow } from '@stillwatt/contracts';
import type { RunQuery } from '@stillwatt/db';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  makeProject,
  makeResult,
  makeRun,
  makeSpec,
  newId,
  startDatabase,
  type TestDatabase,
} from '../../support/database.ts';
import { seededRandom } from '../../support/random.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await startDatabase();
});
afterAll(() => test?.stop());

const failure = new StillwattError('STAGE_CRASHED', 'it ended\0', { fix: 'look' }).toBody();

describe('a run', () => {
  it('is inserted once, with its stages', async () => {
    const { db, projectId } = test;
    const run = await makeRun(db, { projectId, cell: { 'student.attention': 'dot' } });
    expect(await db.runs.insert({ ...run, cell: {} }, [])).toBe(false);
    const detail = await db.runs.get(run.runId);
    expect(detail).toMatchObject({
      ...{ id: run.runId, projectId, state: 'queued', spec: run.spec, seed: 1, progress: 0 },
      ...{ cell: { 'student.attention': 'dot' }, models: [], error: null, requestedBy: null },
    });
    expect(Object.keys(detail!.spec)).toEqual(Object.keys(run.spec)); // in the order they had
    expect(detail?.stages.map((stage) => stage.name)).toEqual([
      ...['data', 'teacher', 'distill', 'quantize', 'evaluate-teacher', 'evaluate-student'],
      ...['evaluate-quantized', 'profile-teacher', 'profile-student', 'profile-quantized'],
    ]);
    expect(detail?.stages.every((stage) => stage.state === 'waiting')).toBe(true);
    expect(await db.runs.get('run_000000000000')).toBeNull();
  });

  it('is in the audit as often as it is there: once', async () => {
    const { db } = test;
    const run = await makeRun(db, { projectId: await makeProject(db) });
    await db.runs.insert(run, []);
    const { items } = await db.audit.list({ projectId: run.projectId, limit: 9 });
    expect(items).toMatchObject([{ action: 'runs.start', subject: run.runId, userId: null }]);
  });

  it('moves forward only', async () => {
    const { db, projectId } = test;
    const { runId } = await makeRun(db, { projectId });
    const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
    expect(await db.runs.setState(runId, { state: 'running', at: at(1) })).toBe(true);
    expect(await db.runs.setState(runId, { state: 'running', at: at(2) })).toBe(false);
    expect(await db.runs.setState(runId, { state: 'failed', at: at(9), error: failure })).toBe(
      true,
    );
    expect(await db.runs.setState(runId, { state: 'succeeded', at: at(20) })).toBe(false);
    expect(await db.runs.setState(runId, { state: 'running' })).toBe(false);
    expect(await db.runs.get(runId)).toMatchObject({
      ...{ state: 'failed', startedAt: at(1), finishedAt: at(9), etaSeconds: null },
      error: { code: 'STAGE_CRASHED', message: 'it ended\ufffd', fix: 'look', retryable: false },
    });
    expect(await db.runs.setState('run_000000000000', { state: 'running' })).toBe(false);
  });

  it('is found while it has not ended', async () => {
    const { db, projectId } = test;
    const { runId } = await makeRun(db, { projectId });
    const isFound = async () =>
      (await db.runs.unfinished(10_000)).some((unfinished) => unfinished.id === runId);
    expect(await isFound()).toBe(true);
    await db.runs.setState(runId, { state: 'cancelled' });
    expect(await isFound()).toBe(false);
  });
});

describe('a stage', () => {
  it('moves forward only and keeps its result', async () => {
    const { db, projectId } = test;
    const { runId } = await makeRun(db, { projectId });
    const path = `${runId}/teacher`;
    expect(await db.stages.setState(path, { state: 'queued', key: 'k1' })).toBe(true);
    expect(await db.stages.setState(path, { state: 'running' })).toBe(true);
    const progress = { phase: 'train', done: 3, total: 10, unit: 'steps', etaSeconds: 5 };
    expect(await db.stages.setProgress(path, progress)).toBe(true);
    expect(await db.stages.get(path)).toMatchObject({ ...progress, key: 'k1', state: 'running' });
    const result = makeResult(path, { steps: 10 });
    expect(await db.stages.setState(path, { state: 'succeeded', result })).toBe(true);
    expect(await db.stages.setState(path, { state: 'running' })).toBe(false);
    expect(await db.stages.setState(path, { state: 'failed', error: failure })).toBe(false);
    expect(await db.stages.setProgress(path, { done: 1 })).toBe(false);
    const { output, summary, provenance } = result;
    const stage = await db.stages.get(path);
    expect(stage).toMatchObject({ state: 'succeeded', output, summary, provenance, done: 3 });
    expect(stage?.error).toBeNull();
    expect(await db.stages.typicalSeconds(projectId)).toMatchObject({ teacher: 12 });
  });

  it('that never ran has no start', async () => {
    const { db, projectId } = test;
    const { runId } = await makeRun(db, { projectId });
    await db.stages.setState(`${runId}/data`, { state: 'cancelled' });
    const stage = await db.stages.get(`${runId}/data`);
    expect(stage).toMatchObject({ state: 'cancelled', startedAt: null });
    expect(stage?.finishedAt).not.toBeNull();
  });

  it('shows the live state, curves, logs and attempts of the one that computes it', async () => {
    const { db, projectId } = test;
    const [first, second] = [await makeRun(db, { projectId }), await makeRun(db, { projectId })];
    const [owner, waiter] = [`${first.runId}/teacher`, `${second.runId}/teacher`];
    await db.stages.setState(waiter, { state: 'queued', key: 'k', ownerPath: owner });
    await db.stages.setState(owner, { state: 'running', key: 'k' });
    await db.attempts.start({ stagePath: owner, number: 1, resumedFrom: null });
    const before = await db.live.lastId(projectId);
    await db.stages.setProgress(owner, { done: 1, total: 4, etaSeconds: 9 });
    await db.metrics.append(owner, [{ name: 'train/loss', step: 1, value: 0.5 }]);
    await db.logs.append(owner, 1, [{ seq: 0, atMs: 0, level: 'info', message: 'hello' }]);
    const seen = await db.stages.get(waiter);
    expect(seen).toMatchObject({ state: 'running', done: 1, total: 4, etaSeconds: 9 });
    expect(seen?.attempts).toMatchObject([{ number: 1, state: 'running' }]);
    // Without a start the timeline of the one that waits has no bar.
    expect(seen?.startedAt).toBe((await db.stages.get(owner))?.startedAt);
    const { runId } = second;
    expect(await db.metrics.ofRun(runId, 100)).toEqual([
      { stage: 'teacher', name: 'train/loss', points: [{ step: 1, value: 0.5 }] },
    ]);
    expect((await db.logs.ofRun({ runId, limit: 10 })).items).toHaveLength(1);
    const told = await db.live.listSince({ projectId, runId, sinceId: before, limit: 10 });
    expect(told.map((event) => event.type)).toEqual(['progress', 'metrics', 'logs']);
    await db.stages.setState(waiter, { state: 'succeeded', result: makeResult(owner) });
    await db.stages.setProgress(owner, { done: 2 });
    expect(await db.stages.get(waiter)).toMatchObject({ state: 'succeeded', ownerPath: owner });
    expect(
      await db.live.listSince({ projectId, runId, sinceId: told.at(-1)!.id, limit: 9 }),
    ).toEqual([expect.objectContaining({ type: 'stage', stage: 'teacher', runId })]);
  });
});

describe('a stage that others wait for', () => {
  const twoOf = async () => {
    const { db, projectId } = test;
    const runs = [await makeRun(db, { projectId }), await makeRun(db, { projectId })];
    const [owner, waiter] = runs.map(({ runId }) => `${runId}/teacher`) as [string, string];
    await db.stages.setState(owner, { state: 'running', key: 'k' });
    await db.stages.setState(waiter, { state: 'queued', key: 'k', ownerPath: owner });
    return { owner, waiter };
  };

  it('shows them its progress after its own run was cancelled, and nobody else', async () => {
    const { db } = test;
    const { owner, waiter } = await twoOf();
    await db.stages.setState(owner, { state: 'cancelled' });
    expect(await db.stages.setProgress(owner, { done: 7, total: 9 })).toBe(true);
    expect(await db.stages.get(waiter)).toMatchObject({ state: 'running', done: 7, total: 9 });
    await db.stages.setState(waiter, { state: 'cancelled' });
    expect(await db.stages.setProgress(owner, { done: 8 })).toBe(false);
  });

  it('is theirs no more once one computes it itself', async () => {
    const { db } = test;
    const { waiter } = await twoOf();
    await db.stages.setState(waiter, { state: 'running', ownerPath: null });
    await db.attempts.start({ stagePath: waiter, number: 1, resumedFrom: null });
    expect(await db.stages.get(waiter)).toMatchObject({
      ...{ ownerPath: null, attempts: [{ number: 1 }] },
    });
    await db.stages.setState(waiter, { state: 'failed' });
    expect((await db.stages.get(waiter))?.ownerPath).toBeNull();
  });
});

describe('attempts', () => {
  it('start and end once', async () => {
    const { db, projectId } = test;
    const stagePath = `${(await makeRun(db, { projectId })).runId}/teacher`;
    const start = { stagePath, number: 1, resumedFrom: null };
    expect(await db.attempts.start(start)).toBe(true);
    expect(await db.attempts.start(start)).toBe(false);
    const end = { stagePath, number: 1, state: 'lost' as const, error: failure, wallSeconds: 3 };
    expect(await db.attempts.finish(end)).toBe(true);
    expect(await db.attempts.finish({ ...end, state: 'succeeded' })).toBe(false);
    await db.attempts.start({ stagePath, number: 2, resumedFrom: `sha256:${'b'.repeat(64)}` });
    expect(await db.attempts.list(stagePath)).toMatchObject([
      { number: 1, state: 'lost', wallSeconds: 3, cpuSeconds: null, error: { fix: 'look' } },
      { number: 2, state: 'running', resumedFrom: `sha256:${'b'.repeat(64)}`, finishedAt: null },
    ]);
  });
});

describe('lists of runs', () => {
  const states = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
  let projectId: string;
  let sweepId: string;

  beforeAll(async () => {
    const { db } = test;
    const random = seededRandom(7);
    projectId = await makeProject(db);
    sweepId = newId('sweep');
    const spec = { ...makeSpec(), seeds: [1] };
    const { seed: _, ...experiment } = spec;
    await db.sweeps.insert(
      { projectId, requestedBy: null, sweepId, spec: experiment },
      { planned: 20 },
    );
    for (let index = 0; index < 60; index += 1) {
      const { runId } = await makeRun(db, {
        ...{ projectId, sweepId: index % 3 === 0 ? sweepId : null },
        spec: makeSpec(['alpha', 'beta', 'gamma_x'][index % 3], index),
        cell: { 'student.layers': index },
      });
      const state = states[Math.floor(random() * states.length)] ?? 'queued';
      if (state === 'queued') continue;
      const start = Date.UTC(2026, 0, 1);
      await db.runs.setState(runId, { state: 'running', at: new Date(start).toISOString() });
      const seconds = Math.floor(random() * 5); // few values: ties
      const at = new Date(start + seconds * 1000).toISOString();
      if (state !== 'running') await db.runs.setState(runId, { state, at });
    }
  });

  async function walk(query: Partial<RunQuery>, limit = 7): Promise<RunRow[]> {
    const rows: RunRow[] = [];
    let cursor: string | undefined;
    do {
      const page = await test.db.runs.list({
        ...{ projectId, limit, cursor, sort: 'created', order: 'desc' },
        ...query,
      });
      rows.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return rows;
  }

  const duration = ({ startedAt, finishedAt }: RunRow) =>
    startedAt && finishedAt ? Date.parse(finishedAt) - Date.parse(startedAt) : -1;
  const keys: Record<RunQuery['sort'], (row: RunRow) => string | number> = {
    created: (row) => row.createdAt,
    experiment: (row) => row.experiment,
    state: (row) => states.indexOf(row.state),
    duration,
  };

  it.each(['created', 'experiment', 'state', 'duration'] as const)(
    'by %s: every run once, in order, in both directions',
    async (sort) => {
      const down = await walk({ sort });
      expect(new Set(down.map((row) => row.id)).size).toBe(60);
      const values = down.map(keys[sort]);
      expect(values).toEqual([...values].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0)));
      const up = await walk({ sort, order: 'asc' }, 11);
      expect(up.map((row) => row.id)).toEqual(down.map((row) => row.id).reverse());
    },
  );

  it('filters by state, sweep and words', async () => {
    const all = await walk({});
    const ids = (rows: RunRow[]) => rows.map((row) => row.id);
    const only = (keep: (row: RunRow) => boolean) => ids(all.filter(keep));
    expect(ids(await walk({ state: 'failed' }))).toEqual(only((row) => row.state === 'failed'));
    expect(ids(await walk({ sweepId }))).toEqual(only((row) => row.sweepId === sweepId));
    expect(ids(await walk({ search: ' BETA ' }))).toEqual(only((row) => row.experiment === 'beta'));
    expect(ids(await walk({ search: 'layers=17' }))).toEqual(
      only((row) => row.cell['student.layers'] === 17),
    );
    expect(ids(await walk({ search: all[3]!.id }))).toEqual([all[3]!.id]);
    expect(ids(await walk({ search: 'al' }))).toEqual(only((row) => row.experiment === 'alpha'));
    // signs of LIKE mean themselves
    expect(await walk({ search: 'gamma_' })).toHaveLength(20);
    expect(await walk({ search: 'a%a' })).toEqual([]);
    expect(await walk({ search: 'gam%' })).toEqual([]);
    expect(await walk({ search: '%' })).toEqual([]);
    expect(await walk({ search: '___' })).toEqual([]);
  });

  it('sees no other project', async () => {
    expect(await walk({ projectId: await makeProject(test.db) })).toEqual([]);
  });

  it('refuses a cursor of another order', async () => {
    const { nextCursor } = await test.db.runs.list({
      ...{ projectId, limit: 1, sort: 'created', order: 'desc' },
    });
    const cursor = nextCursor ?? undefined;
    await expect(walk({ cursor, sort: 'state' })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });

  it('costs as many queries for one run as for fifty', async () => {
    const count = async (limit: number) => {
      const query = vi.spyOn(pg.Client.prototype, 'query');
      await test.db.runs.list({ projectId, limit, sort: 'created', order: 'desc' });
      const { length } = query.mock.calls;
      query.mockRestore();
      return length;
    };
    expect(await count(50)).toBe(await count(1));
    expect(await count(50)).toBeLessThanOrEqual(3);
  });

  it('compares in the order asked for, within the project', async () => {
    const [a, b, c] = await walk({});
    const other = await makeRun(test.db, { projectId: test.projectId });
    const ids = [c!.id, other.runId, a!.id, b!.id];
    const details = await test.db.runs.many(projectId, ids);
    expect(details.map((run) => run.id)).toEqual([c!.id, a!.id, b!.id]);
    expect(details.map((run) => run.spec.seed)).toEqual(details.map((run) => run.seed));
    expect(details.every((run) => run.stages.length === 10)).toBe(true);
  });

  it('says which schedule made a run or a sweep, also when it is removed since', async () => {
    const { db } = test;
    const own = await makeProject(db);
    const { seed: _, ...parts } = makeSpec();
    const spec = { ...parts, seeds: [1] };
    const scheduleId = newId('schedule');
    await db.schedules.insert({
      ...{ id: scheduleId, projectId: own, name: 'nightly', cron: '0 3 * * *', timeZone: 'UTC' },
      ...{ overlap: 'skip', paused: false, spec, createdBy: null },
    });
    const owner = { projectId: own, requestedBy: null };
    const asked = { ...owner, sweepId: newId('sweep'), spec };
    await db.sweeps.insert({ ...asked, scheduleId }, { planned: 1 });
    const { runId } = await makeRun(db, { ...owner, scheduleId });
    const { runId: byKey } = await makeRun(db, owner);
    const told = async () => [
      (await db.runs.get(runId))?.schedule,
      (await db.sweeps.get(asked.sweepId))?.schedule,
      (await db.runs.get(byKey))?.schedule,
    ];
    const made = { id: scheduleId, name: 'nightly' };
    expect(await told()).toEqual([made, made, null]);
    await db.schedules.remove(scheduleId);
    const removed = { id: scheduleId, name: null };
    expect(await told()).toEqual([removed, removed, null]);
  });

  it('shows a sweep with its runs and counts', async () => {
    const { db } = test;
    const { items } = await db.sweeps.list({ projectId, limit: 10 });
    expect(items).toHaveLength(1);
    const sweep = await db.sweeps.get(sweepId);
    expect(sweep?.runs).toHaveLength(20);
    const counted = Object.values(sweep!.counts).reduce((sum, next) => sum + next, 0);
    expect(counted).toBe(20);
    expect(sweep?.counts.failed).toBe(sweep?.runs.filter((run) => run.state === 'failed').length);
    expect(await db.sweeps.setState(sweepId, { state: 'paused' })).toBe(true);
    expect(await db.sweeps.setState(sweepId, { state: 'running' })).toBe(true);
    expect(await db.sweeps.setState(sweepId, { state: 'cancelled' })).toBe(true);
    expect(await db.sweeps.setState(sweepId, { state: 'running' })).toBe(false);
    expect((await db.sweeps.get(sweepId))?.state).toBe('cancelled');
  });
});
