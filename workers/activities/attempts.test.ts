// Which attempt is watched or started, and when a stage that gets nowhere is given up.
import type { AttemptView } from '@stillwatt/contracts';
import type { Handle } from '@stillwatt/executors';
import { expect, it } from 'vitest';
import { checkHeadway, chooseAttempt, vanished } from './attempts.ts';

const row = (number: number, state: AttemptView['state'], resumedFrom: string | null = null) =>
  ({ number, state, resumedFrom, error: null }) as AttemptView;
const handle = (attempt: number) => ({ attempt }) as Handle;

it('watches what was not told to the end, also where the row is missing', () => {
  expect(chooseAttempt([], null)).toEqual({ start: 1 });
  expect(chooseAttempt([row(1, 'running')], handle(1))).toEqual({ watch: handle(1) });
  expect(chooseAttempt([], handle(1))).toEqual({ watch: handle(1) });
  expect(chooseAttempt([row(1, 'lost')], handle(2))).toEqual({ watch: handle(2) });
});

it('starts the next number after one that has ended or vanished', () => {
  expect(chooseAttempt([row(1, 'lost')], handle(1))).toEqual({ start: 2 });
  expect(chooseAttempt([row(1, 'lost'), row(2, 'running')], null)).toEqual({ start: 3 });
  expect(vanished([row(1, 'lost'), row(2, 'running')], null).map((r) => r.number)).toEqual([2]);
  expect(vanished([row(2, 'running')], handle(2))).toEqual([]);
});

it('gives up after five losses from the same checkpoint, and not while there is headway', () => {
  const lost = (n: number, from: string | null) =>
    Array.from({ length: n }, (_, i) => row(i, 'lost', from));
  expect(() => checkHeadway(lost(4, null), null)).not.toThrow();
  expect(() => checkHeadway(lost(5, null), null)).toThrow('went away 5 times');
  expect(() => checkHeadway(lost(5, null), 'sha256:new')).not.toThrow();
  expect(() => checkHeadway([...lost(4, null), row(5, 'running')], null)).toThrow('5 times');
  expect(() =>
    checkHeadway([...lost(4, 'c'), row(5, 'cancelled', 'c'), row(6, 'lost', 'c')], 'c'),
  ).not.toThrow();
});
