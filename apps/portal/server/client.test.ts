import { TRPCClientError } from '@trpc/client';
import { expect, test } from 'vitest';
import { blockingFault, isGone } from './client.tsx';

const failed = (code: string) =>
  Object.assign(new TRPCClientError('x'), { data: { error: { code, message: 'x' } } });

test('a first answer that fails stands instead of the page', () => {
  expect(blockingFault({ data: undefined, error: null })).toBeNull();
  expect(blockingFault({ data: undefined, error: failed('UNAVAILABLE') })).toMatchObject({
    code: 'UNAVAILABLE',
  });
});

test('what is shown stays when a later answer fails, unless it is gone', () => {
  expect(blockingFault({ data: {}, error: failed('STORAGE_UNAVAILABLE') })).toBeNull();
  expect(blockingFault({ data: {}, error: new TypeError('fetch failed') })).toBeNull();
  const fault = blockingFault({ data: {}, error: failed('NOT_FOUND') });
  expect(fault && isGone(fault)).toBe(true);
});
