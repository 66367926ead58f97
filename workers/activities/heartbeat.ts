// Tells Temporal that an activity is alive while it works.
import { Context } from '@temporalio/activity';

const everyMs = 1000;

/** Beats until `work` has ended; `details`, which may change meanwhile, are what the activity's next try is told. */
export async function beating<T>(work: () => Promise<T>, details?: object): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(details), everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
