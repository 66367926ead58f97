// Sweeps: their list, one with its runs, and the three things one can tell it.
import { runStates, type SweepDetail, type SweepInput } from '@stillwatt/contracts';
import { planSweep } from '@stillwatt/search';
import { notFound } from '../errors.ts';
import { endedUnrecorded, type Pending } from '../temporal/workflows.ts';
import { procedure, router } from '../trpc.ts';

export const sweepsRouter = router({
  list: procedure('sweeps.list', ({ services, input }) => services.db.sweeps.list(input)),

  get: procedure('sweeps.get', async ({ services, input }) => {
    const sweep = await services.db.sweeps.get(input.sweepId);
    if (sweep) return sweep;
    const pending = await services.temporal.pendingSweep(input.sweepId);
    if (!pending) throw notFound();
    const { requestedBy } = pending.input;
    const person = requestedBy === null ? null : await services.db.users.get(requestedBy);
    return pendingSweep(pending, person);
  }),

  pause: procedure('sweeps.pause', async ({ services, input }) => {
    await services.temporal.signalSweep(input.sweepId, 'pause');
    return { ok: true as const };
  }),

  resume: procedure('sweeps.resume', async ({ services, input }) => {
    await services.temporal.signalSweep(input.sweepId, 'resume');
    return { ok: true as const };
  }),

  cancel: procedure('sweeps.cancel', async ({ services, input }) => {
    await services.temporal.cancelSweep(input.sweepId);
    return { ok: true as const };
  }),
});

/** What the first activity is about to write. */
function pendingSweep(
  { input, startedAt, status }: Pending<SweepInput>,
  requestedBy: SweepDetail['requestedBy'],
): SweepDetail {
  const counts = Object.fromEntries(runStates.map((state) => [state, 0]));
  return {
    id: input.sweepId,
    projectId: input.projectId,
    experiment: input.spec.experiment,
    state: status,
    createdAt: startedAt,
    finishedAt: null,
    requestedBy,
    // What a schedule starts says nothing of itself before its row is there.
    schedule: null,
    planned: planSweep(input.spec).size,
    counts: counts as SweepDetail['counts'],
    error: status === 'failed' ? endedUnrecorded('sweep', input.sweepId) : null,
    spec: input.spec,
    runs: [],
  };
}
