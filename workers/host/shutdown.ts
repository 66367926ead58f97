// SIGTERM and SIGINT: the first asks to end in order, the second ends at once.
import type { Logger } from '@stillwatt/activities';

/** A signal that is aborted when the process is told to end. */
export function onceToldToEnd(log: Logger): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(1);
      log.info({ signal: name }, 'ending: lets go of running stages');
      controller.abort(new Error(`told to end by ${name}`));
    });
  }
  return controller.signal;
}
