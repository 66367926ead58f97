// Shares the items of an inhibitor layer among threads. An item is computed by one thread in one way,
// so the bits do not depend on how many there are.
import { Worker } from 'node:worker_threads';
import { type HelperMessage, helperStates } from './helper-protocol.ts';
import {
  inhibitorForward,
  inhibitorGradient,
  type InhibitorGradientJob,
  type InhibitorJob,
} from './inhibitor-core.ts';

/** Fewer additions than this are not worth a message to another thread (about a millisecond). */
const smallestShare = 1_000_000;

interface Helper {
  readonly worker: Worker;
  readonly state: Int32Array;
}

export class InhibitorThreads {
  readonly #helpers: readonly Helper[];

  /** `threads`: this one included. The others compute as soon as they are ready. */
  constructor(threads: number) {
    this.#helpers = Array.from({ length: threads - 1 }, startHelper);
  }

  /** True where arrays of a job must lie on shared memory. */
  isThreaded(): boolean {
    return this.#helpers.length > 0;
  }

  /** Resolves when every helper is ready; until then nobody waits for them. */
  async ready(): Promise<void> {
    for (const { worker, state } of this.#helpers) {
      // Waiting for shared memory alone keeps no process alive: the helper does until it is ready.
      worker.ref();
      await Atomics.waitAsync(state, 0, helperStates.starting).value;
      worker.unref();
    }
  }

  async close(): Promise<void> {
    for (const { worker } of this.#helpers) await worker.terminate();
  }

  runForward(job: InhibitorJob): void {
    this.#run(
      job,
      (from, to) => ({ kind: 'forward', job, from, to }),
      (from, to) => inhibitorForward(job, from, to),
    );
  }

  runGradient(job: InhibitorGradientJob): void {
    this.#run(
      job,
      (from, to) => ({ kind: 'gradient', job, from, to }),
      (from, to) => inhibitorGradient(job, from, to),
    );
  }

  #run(
    { batch, tokens, heads, features }: InhibitorJob,
    message: (from: number, to: number) => HelperMessage,
    compute: (from: number, to: number) => void,
  ): void {
    const items = batch * heads;
    const work = items * tokens * tokens * features;
    // A helper that is still starting is left out: nobody waits for it.
    const ready = this.#helpers.filter(({ state }) => Atomics.load(state, 0) === helperStates.idle);
    const shares = 1 + Math.min(ready.length, Math.floor(work / smallestShare));
    const border = (share: number): number => Math.round((items * share) / shares);
    const busy = ready.slice(0, shares - 1);
    for (const [index, { worker, state }] of busy.entries()) {
      Atomics.store(state, 0, helperStates.busy);
      worker.postMessage(message(border(index + 1), border(index + 2)));
    }
    compute(0, border(1));
    for (const { state } of busy) {
      Atomics.wait(state, 0, helperStates.busy);
      if (Atomics.load(state, 0) === helperStates.failed) {
        throw new Error('a helper thread of the inhibitor kernel failed');
      }
    }
  }
}

function startHelper(): Helper {
  const worker = new Worker(new URL('./inhibitor-worker.ts', import.meta.url));
  worker.unref();
  const state = new Int32Array(new SharedArrayBuffer(4));
  worker.postMessage(state);
  return { worker, state };
}
