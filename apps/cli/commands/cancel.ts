// `stillwatt cancel`: a run, or a sweep with its runs.
import type { Api } from '@stillwatt/local';
import type { Target } from '../connect.ts';
import type { Answer } from '../io.ts';

export async function cancel(api: Api, target: Target): Promise<Answer> {
  const id = 'runId' in target ? target.runId : target.sweepId;
  if ('runId' in target) await api.call('runs.cancel', target);
  else await api.call('sweeps.cancel', target);
  return {
    json: { id, cancelled: true },
    text: `Cancelling ${id}; stillwatt show ${id} says when it has ended.`,
  };
}
