// What a cancellation means for a stage's process: only a request from the workflow stops it.
import type { Handle } from '@stillwatt/executors';
import { CancelledFailure, type Context } from '@temporalio/activity';

export interface Control {
  /** Aborted by every kind of cancellation: for what happens before there is a process. */
  readonly signal: AbortSignal;
  /** Aborted when the activity must end and its process shall live: worker shut down, timed out, not found. */
  readonly detach: AbortSignal;
  isCancelRequested(): boolean;
  /** From now on a request stops this process; one that has come already does so at once. */
  attach(handle: Handle): void;
  close(): void;
}

export function createControl(
  context: Pick<Context, 'cancellationSignal' | 'cancellationDetails'>,
): Control {
  const { cancellationSignal: signal } = context;
  const detach = new AbortController();
  let process: Handle | undefined;
  const isCancelRequested = (): boolean => context.cancellationDetails?.cancelRequested === true;

  function act(): void {
    if (!isCancelRequested()) {
      detach.abort(new CancelledFailure('the activity lets go of its stage'));
      return;
    }
    // What goes wrong here shows when the process is waited for.
    void process?.cancel().catch(() => undefined);
  }
  signal.addEventListener('abort', act);
  if (signal.aborted) act();

  return {
    signal,
    detach: detach.signal,
    isCancelRequested,
    attach(handle) {
      process = handle;
      if (signal.aborted) act();
    },
    close: () => signal.removeEventListener('abort', act),
  };
}
