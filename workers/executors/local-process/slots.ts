// CPU places of this machine: first come, first served, each taker with its weight.

/** Gives the places back; a second call does nothing. */
export type Release = () => void;

export interface Slots {
  readonly total: number;
  taken(): number;
  waiting(): number;
  /**
   * Waits until `weight` places are free (at most `total` are asked for). Strictly in order: a large
   * request is not overtaken, or it would wait for ever. `onQueued` hears how many are ahead.
   */
  acquire(
    weight: number,
    options?: {
      onQueued?: ((ahead: number) => void) | undefined;
      signal?: AbortSignal | undefined;
    },
  ): Promise<Release>;
  /** Takes places at once, free or not: for what already runs. */
  occupy(weight: number): Release;
}

interface Waiter {
  weight: number;
  grant(release: Release): void;
  onQueued: ((ahead: number) => void) | undefined;
}

export function createSlots(total: number): Slots {
  if (!Number.isInteger(total) || total < 1) throw new RangeError('slots: a whole number from 1');
  const queue: Waiter[] = [];
  let taken = 0;

  function take(weight: number): Release {
    let held = true;
    taken += weight;
    return () => {
      if (!held) return;
      held = false;
      taken -= weight;
      serve();
    };
  }

  function serve(): void {
    let moved = false;
    for (let next = queue[0]; next && taken + next.weight <= total; next = queue[0]) {
      queue.shift();
      next.grant(take(next.weight));
      moved = true;
    }
    if (moved) tellPositions();
  }

  function tellPositions(): void {
    queue.forEach((waiter, ahead) => waiter.onQueued?.(ahead));
  }

  return {
    total,
    taken: () => taken,
    waiting: () => queue.length,
    occupy: (weight) => take(Math.min(weight, total)),
    acquire(asked, { onQueued, signal } = {}) {
      const weight = Math.min(asked, total);
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const abandon = (): void => {
          const at = queue.indexOf(waiter);
          if (at < 0) return;
          queue.splice(at, 1);
          reject(signal?.reason as Error);
          serve(); // a small one behind may fit now
          tellPositions();
        };
        const waiter: Waiter = {
          weight,
          onQueued,
          grant(release) {
            signal?.removeEventListener('abort', abandon);
            resolve(release);
          },
        };
        queue.push(waiter);
        serve();
        if (!queue.includes(waiter)) return;
        signal?.addEventListener('abort', abandon, { once: true });
        onQueued?.(queue.length - 1);
      });
    },
  };
}
