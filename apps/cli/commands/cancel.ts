// `stillwatt cancel`: a run, or a sweep with its runs.
import type { Api } from '@stillwatt/local';
import type { Target } from '../connect.ts';
import type { Answer } from '../io.ts';

export async function cancel(api: Api, target: Target): Promise<Answer> {
  const [name, id] =
    'runId' in target
      ? (['runs.cancel', target.runId] as const)
      : (['sweeps.cancel', target.sweepId] as const);
  await api.call(name, target as never);
  return {
    json: { id, cancelled: true },
    text: `Cancelling ${id}; stillwatt show ${id} says when it has ended.`,
  };
}
