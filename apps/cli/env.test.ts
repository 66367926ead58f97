import { expect, it } from 'vitest';
import { readEnv } from './env.ts';

it('takes a variable that is set to nothing for one that is not set', () => {
  const empty = { STILLWATT_URL: '', STILLWATT_API_KEY: '', STILLWATT_HOME: '', COLUMNS: '' };
  expect(readEnv(empty)).toEqual(readEnv({}));
});

it('refuses an address that is none, and says which variable', () => {
  expect(() => readEnv({ STILLWATT_URL: 'portal' })).toThrow('STILLWATT_URL');
});
