// Database errors become StillwattErrors.
import { StillwattError } from '@stillwatt/contracts';
import { describe, expect, it } from 'vitest';
import { translateError } from './errors.ts';

const coded = (code: string, message = 'message') => Object.assign(new Error(message), { code });
const wrapped = (cause: unknown) => Object.assign(new Error('outer'), { code: 'P2010', cause });

describe('translateError', () => {
  it.each([
    coded('ECONNREFUSED'),
    coded('57P01', 'terminating connection due to administrator command'),
    coded('57P03', 'the database system is starting up'),
    coded('53300', 'too many clients'),
    coded('40P01', 'deadlock detected'),
    coded('08006'),
    coded('P1001'),
    coded('P2024'),
    new Error('Connection terminated unexpectedly'),
    new Error('timeout exceeded when trying to connect'),
    new AggregateError([coded('ECONNREFUSED')]),
    wrapped(coded('ECONNRESET')),
    wrapped({ kind: 'DatabaseNotReachable' }),
    Object.assign(new Error('outer'), { meta: { driverAdapterError: wrapped(coded('57P01')) } }),
  ])('finds trouble that passes: %s', (error) => {
    expect(translateError(error)).toMatchObject({
      ...{ code: 'STORAGE_UNAVAILABLE', retryable: true, cause: error },
      fix: expect.stringContaining('DATABASE_URL'),
    });
  });

  it('tells a full disk', () => {
    expect(translateError(coded('53100'))).toMatchObject({ code: 'STORAGE_FULL' });
  });

  it('tells what takes too long from what is down: it may be tried again', () => {
    expect(translateError(coded('57014', 'canceling statement'))).toMatchObject({
      ...{ code: 'STORAGE_UNAVAILABLE', retryable: true },
      message: 'the database took too long',
    });
  });

  it.each(['22021', '22P05', '22003', '22P02'])('blames the value, not itself: %s', (state) => {
    expect(translateError(wrapped(coded(state)))).toMatchObject({
      ...{ code: 'INPUT_INVALID', retryable: false },
    });
  });

  it.each([
    coded('23503'),
    coded('42601'),
    new TypeError('x is undefined'),
    coded('P2002'),
    'text',
  ])('calls the rest a bug: %s', (error) => {
    expect(translateError(error)).toMatchObject({ code: 'INTERNAL', retryable: false });
  });

  it('lets our own pass', () => {
    const error = new StillwattError('CONFLICT', 'x');
    expect(translateError(error)).toBe(error);
  });
});
