// While the database is away nothing is lost, nothing doubled, and the order stays.
import type { ProjectStore } from '@stillwatt/artifacts';
import { StillwattError, type StageEvent, type StageWorkInput } from '@stillwatt/contracts';
import type { Database, MetricPoint, NewLogLine } from '@stillwatt/db';
import { expect, it } from 'vitest';
import { createRelay } from './relay.ts';

const work = { path: 'run_1/teacher', projectId: 'prj_1' } as StageWorkInput;
const metric = (step: number): StageEvent => {
  return { seq: step, atMs: 0, type: 'metric', name: 'loss', step, value: 1 };
};

function relayTo(
  append: (points: readonly MetricPoint[]) => Promise<number>,
  signal = new AbortController().signal,
) {
  const logs: NewLogLine[] = [];
  const db = {
    metrics: { append: (_: string, points: readonly MetricPoint[]) => append(points) },
    logs: {
      append: async (_: string, __: number, lines: readonly NewLogLine[]) => logs.push(...lines),
    },
    stages: { setProgress: async () => true },
  } as unknown as Database;
  const telemetry = { metricPoints: () => undefined } as never;
  const relay = createRelay({
    db,
    project: {} as ProjectStore,
    telemetry,
    work,
    attempt: 1,
    signal,
  });
  return { relay, logs };
}

it('waits for a database that is away', async () => {
  const steps: number[] = [];
  let failures = 2;
  const { relay, logs } = relayTo(async (points) => {
    if (failures-- > 0)
      throw new StillwattError('STORAGE_UNAVAILABLE', 'away', { retryable: true });
    steps.push(...points.map(({ step }) => step));
    return points.length;
  });
  for (let step = 0; step < 5000; step++) await relay.add(metric(step));
  await relay.add({ seq: 5000, atMs: 0, type: 'log', level: 'info', message: 'a\0b' });
  await relay.settle();
  expect(steps).toEqual(Array.from({ length: 5000 }, (_, step) => step));
  expect(logs.map(({ message }) => message)).toEqual(['a\uFFFDb']);
});

it('says what can never be written', async () => {
  const { relay } = relayTo(async () => {
    throw new StillwattError('INTERNAL', 'no such column');
  });
  await relay.add(metric(0));
  await expect(relay.settle()).rejects.toThrow('no such column');
  await expect(relay.add(metric(1))).rejects.toThrow('no such column');
});

it('stops waiting when the activity lets go', async () => {
  const detach = new AbortController();
  const { relay } = relayTo(async () => {
    detach.abort();
    throw new StillwattError('STORAGE_UNAVAILABLE', 'away', { retryable: true });
  }, detach.signal);
  await relay.add(metric(0));
  await expect(relay.settle()).rejects.toMatchObject({ name: 'AbortError' });
});
