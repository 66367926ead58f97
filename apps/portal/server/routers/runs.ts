// Runs: the table, one run, its curves, logs and artifacts, and several side by side.
import { StillwattError } from '@stillwatt/contracts';
import { notFound } from '../errors.ts';
import { specDifferences } from '../runs/differences.ts';
import { loadRun } from '../runs/load.ts';
import { procedure, router } from '../trpc.ts';

export const runsRouter = router({
  list: procedure('runs.list', ({ services, input }) => services.db.runs.list(input)),

  get: procedure('runs.get', async ({ services, input }) => {
    const run = await loadRun(services, input.runId);
    if (!run) throw notFound();
    return run;
  }),

  metrics: procedure('runs.metrics', async ({ services, input }) => ({
    series: await services.db.metrics.ofRun(input.runId, input.maxPoints),
  })),

  logs: procedure('runs.logs', ({ services, input }) => services.db.logs.ofRun(input)),

  artifacts: procedure('runs.artifacts', async ({ services, input }) => ({
    items: await services.db.artifacts.ofRun(input.runId),
  })),

  cancel: procedure('runs.cancel', async ({ services, input }) => {
    const run = await services.db.runs.get(input.runId);
    if (run && run.finishedAt !== null) {
      throw new StillwattError('CONFLICT', `the run has ended: ${run.state}`, {
        fix: 'nothing is left to cancel',
      });
    }
    await services.temporal.cancelRun(input.runId, run?.sweepId ?? null);
    return { ok: true as const };
  }),

  compare: procedure('runs.compare', async ({ services, input, granted }) => {
    const runIds = [...new Set(input.runIds)];
    const runs = await services.db.runs.many(granted.projectId, runIds);
    if (runs.length !== runIds.length) throw notFound();
    return { runs, differences: specDifferences(runs.map(({ spec }) => spec)) };
  }),
});
