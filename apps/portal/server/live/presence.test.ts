import { expect, test } from 'vitest';
import { createPresence } from './presence.ts';

const ada = { id: 'usr_a', name: 'Ada', email: 'ada@example.org' };
const bob = { id: 'usr_b', name: 'Bob', email: 'bob@example.org' };

test('people come and go, each once, and watchers hear of it', () => {
  const presence = createPresence();
  let heard = 0;
  const stop = presence.watch('run_1', () => heard++);
  const leaves = [ada, bob, ada].map((person) => presence.enter('run_1', person));
  expect(presence.people('run_1')).toEqual([ada, bob]);
  leaves[0]?.();
  leaves[0]?.();
  expect(presence.people('run_1')).toEqual([ada, bob]);
  leaves[2]?.();
  expect(presence.people('run_1')).toEqual([bob]);
  expect(heard).toBe(5);
  stop();
  leaves[1]?.();
  expect(heard).toBe(5);
  expect(presence.people('run_1')).toEqual([]);
});

test('runs are apart', () => {
  const presence = createPresence();
  presence.enter('run_1', ada);
  expect(presence.people('run_2')).toEqual([]);
});
