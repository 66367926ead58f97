// Errors keep code, fix and whether they may be retried on their way into Temporal.
import { errorBodySchema, isStillwattError, StillwattError } from '@stillwatt/contracts';
import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { expect, it } from 'vitest';
import { toFailure, translatingFailures } from './failures.ts';

const translated = (error: unknown) => toFailure(error) as ApplicationFailure;

it('carries the body, and retries only what says so', () => {
  const lost = new StillwattError('STAGE_CRASHED', 'killed', { retryable: true, fix: 'wait' });
  expect(translated(lost)).toMatchObject({ type: 'STAGE_CRASHED', nonRetryable: false });
  expect(errorBodySchema.parse(translated(lost).details?.[0])).toEqual(lost.toBody());
  const wrong = new StillwattError('DATA_INVALID', 'no label column');
  expect(translated(wrong)).toMatchObject({ type: 'DATA_INVALID', nonRetryable: true });
});

it('knows system errors from bugs', () => {
  const system = (code: string) => Object.assign(new Error(code), { code });
  expect(translated(system('ENOSPC'))).toMatchObject({ type: 'STORAGE_FULL', nonRetryable: true });
  expect(translated(system('EMFILE'))).toMatchObject({ type: 'UNAVAILABLE', nonRetryable: false });
  expect(translated(new TypeError('x is undefined'))).toMatchObject({
    type: 'INTERNAL',
    nonRetryable: true,
  });
});

it('leaves cancellation what it is', async () => {
  const cancelled = new CancelledFailure('stop');
  expect(toFailure(cancelled)).toBe(cancelled);
  const abort = new AbortController();
  abort.abort();
  expect(toFailure(abort.signal.reason)).toBeInstanceOf(CancelledFailure);
  const { work } = translatingFailures({
    work: async () => {
      throw new StillwattError('DIVERGED', 'NaN');
    },
  });
  const error: unknown = await work().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApplicationFailure);
  expect(isStillwattError(error)).toBe(false);
});
