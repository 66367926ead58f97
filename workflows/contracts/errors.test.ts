// Error bodies always fit their own schema: one that did not could be told to nobody.
import { expect, it } from 'vitest';
import { StillwattError, toErrorBody } from './errors.ts';
import { errorBodySchema } from './events.ts';

const long = 'x'.repeat(20_000);

it.each([
  ['ours', new StillwattError('INTERNAL', long, { fix: long, path: long }).toBody()],
  ['any other', toErrorBody(new Error(long))],
  ['a thrown text', toErrorBody(long)],
])('cuts what is too long: %s', (_name, body) => {
  expect(errorBodySchema.parse(body).message).toBe('x'.repeat(10_000));
});
