// Metric points and log lines on a real PostgreSQL: each once, thinned for drawing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRun, startDatabase, type TestDatabase } from '../../support/database.ts';

let test: TestDatabase;
let runId: string;
let path: string;
beforeAll(async () => {
  test = await startDatabase({ durable: true });
});
afterAll(() => test?.stop());

const point = (name: string, step: number, value: number | null = step) => ({ name, step, value });

async function freshStage(): Promise<void> {
  ({ runId } = await makeRun(test.db, { projectId: test.projectId }));
  path = `${runId}/teacher`;
}

describe('metric points', () => {
  it('are kept once: of equal ones the first', async () => {
    await freshStage();
    const { metrics } = test.db;
    const batch = [point('loss', 0, 0.5), point('loss', 1, null), point('loss', 1, 7)];
    expect(await metrics.append(path, batch)).toBe(2);
    expect(await metrics.append(path, [...batch, point('lr', 0, 1e-300)])).toBe(1);
    expect(await metrics.append(path, [])).toBe(0);
    expect(await metrics.ofRun(runId, 100)).toEqual([
      {
        ...{ stage: 'teacher', name: 'loss' },
        points: [point0(0, 0.5), point0(1, null)],
      },
      { stage: 'teacher', name: 'lr', points: [point0(0, 1e-300)] },
    ]);
  });

  it('come from two writers of one new series without a loss', async () => {
    await freshStage();
    const writers = [0, 1, 2, 3].map((writer) =>
      test.db.metrics.append(
        path,
        Array.from({ length: 50 }, (_, k) => point('x', k * 4 + writer)),
      ),
    );
    expect(await Promise.all(writers)).toEqual([50, 50, 50, 50]);
    const [series] = await test.db.metrics.ofRun(runId, 1000);
    expect(series?.points.map(({ step }) => step)).toEqual(
      Array.from({ length: 200 }, (_, k) => k),
    );
  });

  it('tell of a batch once, and of nothing new not at all', async () => {
    await freshStage();
    const { projectId, db } = test;
    const sinceId = await db.live.lastId(projectId);
    await db.metrics.append(path, [point('x', 1), point('y', 1)]);
    await db.metrics.append(path, [point('x', 1)]);
    const told = await db.live.listSince({ projectId, sinceId, limit: 10 });
    expect(told).toMatchObject([{ type: 'metrics', runId, stage: 'teacher' }]);
  });

  it('are thinned to what draws the same line: first, last, lowest and highest', async () => {
    await freshStage();
    const spike = (step: number) => (step === 4321 ? 1e6 : step === 7777 ? -1e6 : Math.sin(step));
    const points = Array.from({ length: 10_000 }, (_, step) => point('x', step, spike(step)));
    await test.db.metrics.append(path, points);
    const [series] = await test.db.metrics.ofRun(runId, 100);
    const kept = series?.points ?? [];
    expect(kept.length).toBeLessThanOrEqual(100);
    expect(kept.length).toBeGreaterThan(60);
    expect(kept[0]?.step).toBe(0);
    expect(kept.at(-1)?.step).toBe(9999);
    const steps = kept.map(({ step }) => step);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    for (const { step, value } of kept) expect(value).toBe(spike(step));
    expect(steps).toContain(4321);
    expect(steps).toContain(7777);
    expect((await test.db.metrics.ofRun(runId, 10_000))[0]?.points).toHaveLength(10_000);
  });
});

describe('log lines', () => {
  it('are kept once and read page by page, oldest first', async () => {
    await freshStage();
    const { logs } = test.db;
    const line = (seq: number, atMs: number, message = `line ${seq}`) => ({
      ...{ seq, atMs, level: 'info' as const, message },
    });
    const lines = [line(0, 1000), line(1, 1000), line(2, 1001, '{"a": "b,\\"}\0'), line(3, 1002)];
    expect(await logs.append(path, 1, lines)).toBe(4);
    expect(await logs.append(path, 1, [...lines, line(4, 1002)])).toBe(1);
    expect(await logs.append(`${runId}/data`, 1, [line(0, 1001)])).toBe(1);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await logs.ofRun({ runId, limit: 2, cursor });
      seen.push(...page.items.map((item) => `${item.stage} ${item.seq} ${item.message}`));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual([
      ...['teacher 0 line 0', 'teacher 1 line 1', 'data 0 line 0'],
      ...['teacher 2 {"a": "b,\\"}\ufffd', 'teacher 3 line 3', 'teacher 4 line 4'],
    ]);
    const data = await logs.ofRun({ runId, stage: 'data', limit: 10 });
    expect(data.items).toEqual([
      {
        ...{ stage: 'data', attempt: 1, seq: 0, at: '1970-01-01T00:00:01.001Z' },
        ...{ level: 'info', message: 'line 0' },
      },
    ]);
  });
});

function point0(step: number, value: number | null) {
  return { step, value };
}
