// Which migrations are still to be applied.
import { describe, expect, it } from 'vitest';
import { pendingMigrations, readMigrations } from './migrate.ts';

const known = ['1_a', '2_b', '3_c'].map((name) => ({ name, sql: '', checksum: `sum of ${name}` }));
const applied = (name: string, change = {}) => ({
  ...{ name, checksum: `sum of ${name}`, finished: true },
  ...change,
});
const names = (list: { name: string }[]) => list.map(({ name }) => name);

describe('pendingMigrations', () => {
  it('are those the database lacks, in order', () => {
    expect(names(pendingMigrations(known, []))).toEqual(['1_a', '2_b', '3_c']);
    expect(names(pendingMigrations(known, [applied('1_a')]))).toEqual(['2_b', '3_c']);
    expect(
      pendingMigrations(
        known,
        known.map(({ name }) => applied(name)),
      ),
    ).toEqual([]);
  });

  it.each([
    ['a newer database', applied('4_d'), 'not in this version'],
    ['a changed file', applied('1_a', { checksum: 'other' }), 'was changed'],
    ['a half one', applied('1_a', { finished: false }), 'half done'],
  ])('refuses %s', (_, row, reason) => {
    expect(() => pendingMigrations(known, [row])).toThrow(
      expect.objectContaining({ code: 'CONFLICT', message: expect.stringContaining(reason) }),
    );
  });
});

it('the committed migrations have sorted, dated names', () => {
  const found = names(readMigrations());
  expect(found.length).toBeGreaterThan(0);
  for (const name of found) expect(name).toMatch(/^\d{14}_[a-z_]+$/);
});
