import { expect, test } from 'vitest';
import { createQueue, maxWaiting } from './queue.ts';

test('items come in order, and a reader waits for the next', async () => {
  const queue = createQueue<number>(new AbortController().signal);
  queue.push(1);
  const [first, second] = [queue.take(), queue.take()];
  queue.push(2);
  expect([await first, await second]).toEqual([1, 2]);
  const third = queue.take();
  queue.close();
  expect(await third).toBeNull();
});

test('a reader who never looks does not fill the memory, and is told', async () => {
  const queue = createQueue<number>(new AbortController().signal);
  for (let i = 0; i < 3 * maxWaiting; i++) queue.push(i);
  expect(queue.size()).toBeLessThanOrEqual(maxWaiting);
  await expect(queue.take()).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
});
