// What the host does now and then beside its stages.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@stillwatt/activities';

export interface Chore {
  /** What it does, for the log. */
  name: string;
  everyMs: number;
  work(signal: AbortSignal): Promise<unknown>;
}

export interface Chores {
  /** Resolves when none is at work any more. */
  stop(): Promise<void>;
}

/** Does each chore now, and again `everyMs` after its end; what fails is tried again then. */
export function startChores(chores: readonly Chore[], log: Logger): Chores {
  const stopping = new AbortController();
  const { signal } = stopping;

  async function repeat({ name, everyMs, work }: Chore): Promise<void> {
    while (!signal.aborted) {
      await work(signal).catch((error: unknown) => {
        if (!signal.aborted) log.warn({ err: error, chore: name }, 'a chore failed');
      });
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  const repeated = chores.map(repeat);
  return {
    async stop() {
      stopping.abort(new Error('the host ends'));
      await Promise.all(repeated);
    },
  };
}
