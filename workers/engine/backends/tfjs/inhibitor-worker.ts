// A helper thread of the JavaScript inhibitor kernel: computes the items it is sent, on shared memory.
import { parentPort } from 'node:worker_threads';
import { type HelperMessage, helperStates } from './helper-protocol.ts';
import { inhibitorForward, inhibitorGradient } from './inhibitor-core.ts';

/** Listens for work; the main thread waits on `state`, so a failure must be written there as well. */
function serve(state: Int32Array): void {
  parentPort?.on('message', (message: HelperMessage) => {
    let result: number = helperStates.failed;
    try {
      if (message.kind === 'forward') inhibitorForward(message.job, message.from, message.to);
      else inhibitorGradient(message.job, message.from, message.to);
      result = helperStates.idle;
    } finally {
      Atomics.store(state, 0, result);
      Atomics.notify(state, 0);
    }
  });
  Atomics.store(state, 0, helperStates.idle);
  Atomics.notify(state, 0);
}

parentPort?.once('message', (state: Int32Array) => serve(state));
