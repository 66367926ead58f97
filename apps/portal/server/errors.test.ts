import { StillwattError } from '@stillwatt/contracts';
import { TRPCError } from '@trpc/server';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { publicBody, toTrpcError } from './errors.ts';

test('a fault of the caller is told in full', () => {
  const error = new StillwattError('FORBIDDEN', 'needs the role owner', { fix: 'ask an owner' });
  expect(toTrpcError(error).code).toBe('FORBIDDEN');
  expect(publicBody(toTrpcError(error), 'r1')).toEqual({
    code: 'FORBIDDEN',
    message: 'needs the role owner',
    fix: 'ask an owner',
    path: undefined,
    retryable: false,
  });
});

test.each([
  new Error('password=hunter2 at db.internal:5432'),
  new StillwattError('ARTIFACT_CORRUPT', 'hunter2'),
  new StillwattError('STORAGE_UNAVAILABLE', 'hunter2 refused'),
  new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message: 'hunter2' }),
])('a fault of the server is not told: %s', (error) => {
  const body = publicBody(toTrpcError(error), 'req-7');
  expect(JSON.stringify(body)).not.toContain('hunter2');
  expect(body.fix).toMatch(/req-7|doctor/);
});

test('a broken input names its path', () => {
  const parsed = z.strictObject({ a: z.object({ b: z.int() }) }).safeParse({ a: { b: 'x' } });
  const error = new TRPCError({ code: 'BAD_REQUEST', cause: parsed.error });
  expect(publicBody(error, 'r')).toMatchObject({ code: 'INPUT_INVALID', path: 'a.b' });
});
