// Places: order, weights, giving up.
import { describe, expect, it } from 'vitest';
import { createSlots } from './slots.ts';

describe('slots', () => {
  it('serves in order and does not let a small request overtake a large one', async () => {
    const slots = createSlots(2);
    const order: string[] = [];
    const first = await slots.acquire(1);
    const large = slots.acquire(2).then((release) => {
      order.push('large');
      release();
    });
    const small = slots.acquire(1).then((release) => {
      order.push('small');
      release();
    });
    expect(slots.taken()).toBe(1); // one is free, and kept for the large one
    first();
    await Promise.all([large, small]);
    expect(order).toEqual(['large', 'small']);
    expect(slots.taken()).toBe(0);
  });

  it('tells how many are ahead, again when that changes', async () => {
    const slots = createSlots(1);
    const release = await slots.acquire(1);
    const heard: number[] = [];
    const second = slots.acquire(1);
    const third = slots.acquire(1, { onQueued: (ahead) => heard.push(ahead) });
    release();
    (await second)();
    (await third)();
    expect(heard).toEqual([1, 0]);
  });

  it('lets those behind go on when a waiter gives up', async () => {
    const slots = createSlots(2);
    const first = await slots.acquire(1);
    const abort = new AbortController();
    const large = slots.acquire(2, { signal: abort.signal });
    const small = slots.acquire(1);
    abort.abort(new Error('given up'));
    await expect(large).rejects.toThrow('given up');
    (await small)();
    first();
    expect([slots.taken(), slots.waiting()]).toEqual([0, 0]);
  });

  it('refuses at once when already aborted, and takes no place', async () => {
    const slots = createSlots(1);
    await expect(slots.acquire(1, { signal: AbortSignal.abort('no') })).rejects.toBe('no');
    expect(slots.taken()).toBe(0);
  });

  it('cuts a request to what the machine has', async () => {
    const slots = createSlots(2);
    const release = await slots.acquire(64);
    expect(slots.taken()).toBe(2);
    release();
    release(); // twice is once
    expect(slots.taken()).toBe(0);
  });

  it('counts what already runs, even beyond the total', async () => {
    const slots = createSlots(1);
    const found = [slots.occupy(1), slots.occupy(1)];
    const waiting = slots.acquire(1);
    found[0]?.();
    expect(slots.waiting()).toBe(1);
    found[1]?.();
    (await waiting)();
    expect(slots.taken()).toBe(0);
  });
});
