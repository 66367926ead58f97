import { describe, expect, it } from 'vitest';
import { nextFirings, readCron } from './prepare.ts';

const next = (cron: string, zone: string, after: string, count = 3) =>
  nextFirings(readCron(cron), zone, new Date(after), count).map((at) => at.toISOString());

describe('readCron', () => {
  it.each(['0 2 * * *', '*/15 0-6 1,15 * 1-5', '5/10 * * * 7'])('reads %s', (text) => {
    expect(readCron(text).ok).toBe(true);
  });
  it.each([
    ['', 'has 0'],
    ['0 2 * *', 'has 4'],
    ['60 2 * * *', 'minute'],
    ['0 2 * * 8', 'day of the week'],
    ['0 5-2 * * *', 'hour'],
    ['x 2 * * *', '“x”'],
    ['*/0 2 * * *', 'minute'],
  ])('refuses %j and says why', (text, part) => {
    const read = readCron(text);
    expect(read.ok ? '' : read.reason).toContain(part);
  });
});

describe('nextFirings', () => {
  it('goes by the clock of the zone', () => {
    expect(next('0 2 * * *', 'Europe/Berlin', '2026-01-10T00:30:00Z')).toEqual([
      '2026-01-10T01:00:00.000Z',
      '2026-01-11T01:00:00.000Z',
      '2026-01-12T01:00:00.000Z',
    ]);
  });
  it('follows summer time and skips an hour that is not there', () => {
    // Berlin goes from 02:00 to 03:00 on 29 March 2026.
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-30T00:30:00.000Z',
      '2026-03-31T00:30:00.000Z',
    ]);
    expect(next('0 6 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 1)).toEqual([
      '2026-03-29T04:00:00.000Z',
    ]);
  });
  it('wants both days when both are given, Sunday as 0 and 7', () => {
    expect(next('0 0 13 * 5', 'UTC', '2026-03-01T00:00:00Z', 2)).toEqual([
      '2026-03-13T00:00:00.000Z',
      '2026-11-13T00:00:00.000Z',
    ]);
    expect(next('0 0 * * 7', 'UTC', '2026-03-02T00:00:00Z', 1)).toEqual(
      next('0 0 * * 0', 'UTC', '2026-03-02T00:00:00Z', 1),
    );
  });
  it('finds leap days, and nothing where there is none', () => {
    expect(next('0 0 29 2 *', 'UTC', '2026-03-01T00:00:00Z', 1)).toEqual([
      '2028-02-29T00:00:00.000Z',
    ]);
    expect(next('0 0 31 2 *', 'UTC', '2026-03-01T00:00:00Z', 1)).toEqual([]);
    expect(next('nonsense', 'UTC', '2026-03-01T00:00:00Z')).toEqual([]);
  });
});
