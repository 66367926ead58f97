import { expect, it } from 'vitest';
import { localTime, shortTime } from './times.ts';

const now = new Date(2026, 10, 24, 18, 0);

it.each([
  [new Date(2026, 10, 24, 9, 5), '2026-11-24 09:05', '09:05'],
  [new Date(2026, 10, 3, 14, 35), '2026-11-03 14:35', '3 Nov'],
  [new Date(2025, 10, 24, 14, 35), '2025-11-24 14:35', 'Nov 2025'],
])('%s', (at, long, short) => {
  expect(localTime(at)).toBe(long);
  expect(shortTime(at, now)).toBe(short);
});
