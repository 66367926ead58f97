import type { LiveEvent } from '@stillwatt/contracts';
import { describe, expect, it } from 'vitest';
import { connectionOf, staleAfter, staleKey } from './prepare.ts';

const event = (part: Partial<LiveEvent>): LiveEvent => ({
  id: '1',
  type: 'run',
  runId: 'run_a',
  sweepId: null,
  stage: null,
  ...part,
});
const paths = (part: Partial<LiveEvent>) =>
  staleAfter(event(part)).map((one) => one.path.join('.'));

describe('connectionOf', () => {
  it.each([
    ['pending', false, 'live'],
    ['connecting', false, 'connecting'],
    ['connecting', true, 'lost'],
    ['error', true, 'lost'],
  ] as const)('%s, failed %s: %s', (status, failed, connection) => {
    expect(connectionOf(status, failed)).toBe(connection);
  });
});

describe('staleAfter', () => {
  it('renews the table and the run when a run moves', () => {
    expect(paths({ type: 'progress' })).toEqual(['runs.list', 'runs.get']);
  });
  it('renews the sweep of a run as well', () => {
    expect(paths({ type: 'progress', sweepId: 'sweep_a' })).toContain('sweeps.get');
  });
  it('leaves the table alone for points and lines', () => {
    expect(paths({ type: 'metrics' })).toEqual(['runs.metrics']);
    expect(paths({ type: 'logs' })).toEqual(['runs.logs']);
    expect(paths({ type: 'presence' })).toEqual([]);
  });
  it('keeps runs apart', () => {
    const [a] = staleAfter(event({ type: 'logs', runId: 'run_a' }));
    const [b] = staleAfter(event({ type: 'logs', runId: 'run_b' }));
    expect(a && staleKey(a)).not.toBe(b && staleKey(b));
  });
});
