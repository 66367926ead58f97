import { expect, test } from 'vitest';
import { createLimiter, limits } from './limiter.ts';

test('a burst passes, the next call waits, and time refills', () => {
  let now = 0;
  const limiter = createLimiter(() => now);
  for (let i = 0; i < limits.signIn.burst; i++) expect(limiter.take('signIn', 'a')).toBe(0);
  const wait = limiter.take('signIn', 'a');
  expect(wait).toBe(60 / limits.signIn.perMinute);
  now += wait * 1000;
  expect(limiter.take('signIn', 'a')).toBe(0);
  expect(limiter.take('signIn', 'a')).toBeGreaterThan(0);
});

test('callers and kinds of call do not share a bucket', () => {
  const limiter = createLimiter(() => 0);
  for (let i = 0; i <= limits.signIn.burst; i++) limiter.take('signIn', 'a');
  expect(limiter.take('signIn', 'b')).toBe(0);
  expect(limiter.take('mutation', 'a')).toBe(0);
});

test('a refused call does not push the refill away', () => {
  let now = 0;
  const limiter = createLimiter(() => now);
  for (let i = 0; i < limits.signIn.burst; i++) limiter.take('signIn', 'a');
  for (let i = 0; i < 59; i++) {
    now += 100;
    expect(limiter.take('signIn', 'a')).toBeGreaterThan(0);
  }
  now += 101;
  expect(limiter.take('signIn', 'a')).toBe(0);
});
