// Chores go on after a failure, never beside themselves, and have ended when they are stopped.
import { expect, it } from 'vitest';
import { startChores } from './chores.ts';

const silent = { info: () => undefined, warn: () => undefined };

it('is done again after it failed, and the failure is told', async () => {
  const warned: object[] = [];
  const error = new Error('the database is away');
  const { promise: again, resolve } = Promise.withResolvers<void>();
  let rounds = 0;
  const work = async () => {
    rounds += 1;
    if (rounds === 1) throw error;
    resolve();
  };
  const log = { ...silent, warn: (fields: object) => void warned.push(fields) };
  const chores = startChores([{ name: 'tidy', everyMs: 1, work }], log);
  await again;
  await chores.stop();
  expect(warned).toEqual([{ err: error, chore: 'tidy' }]);
});

it('has ended when it is stopped, and its failure then is no news', async () => {
  const warned: object[] = [];
  let ended = false;
  const work = async (signal: AbortSignal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    ended = true;
    signal.throwIfAborted();
  };
  const log = { ...silent, warn: (fields: object) => void warned.push(fields) };
  await startChores([{ name: 'tidy', everyMs: 1, work }], log).stop();
  expect(ended).toBe(true);
  expect(warned).toEqual([]);
});
