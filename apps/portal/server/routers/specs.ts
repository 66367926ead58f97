// Specs: what launching one would do, and launching it.
import { randomBytes } from 'node:crypto';
import { type Experiment, makeId, StillwattError } from '@stillwatt/contracts';
import { checkSweep, isSweep, singleRun } from '@stillwatt/search';
import { personId } from '../context.ts';
import { previewSpec } from '../preview.ts';
import { readSpec } from '../spec-text.ts';
import { procedure, router } from '../trpc.ts';

export const specsRouter = router({
  preview: procedure('specs.preview', async ({ services, input, granted }) => {
    const history = await services.db.stages.typicalSeconds(granted.projectId);
    return previewSpec(readSpec(input.spec), history);
  }),

  launch: procedure('specs.launch', async ({ services, ctx, input, granted }) => {
    const spec = acceptedSpec(input.spec);
    const owner = { projectId: granted.projectId, requestedBy: personId(ctx.caller) };
    const { url } = services.env;
    if (isSweep(spec)) {
      checkSweep(spec);
      const sweepId = makeId('sweep', randomBytes(12));
      await services.temporal.startSweep({ ...owner, sweepId, spec });
      return { runId: null, sweepId, url: `${url}/sweeps/${sweepId}` };
    }
    const runId = makeId('run', randomBytes(12));
    const run = { ...owner, runId, sweepId: null, cell: {}, spec: singleRun(spec) };
    await services.temporal.startRun(run);
    return { runId, sweepId: null, url: `${url}/runs/${runId}` };
  }),
});

/** @throws StillwattError SPEC_INVALID with every issue in its text and the first one's path. */
export function acceptedSpec(spec: string | Record<string, unknown>): Experiment {
  const read = readSpec(spec);
  if (read.ok) return read.spec;
  const [first] = read.issues;
  const lines = read.issues.map(({ path, reason, fix }) => `${path || 'spec'}: ${reason}; ${fix}`);
  throw new StillwattError('SPEC_INVALID', lines.slice(0, 20).join('\n'), {
    fix: first?.fix ?? 'correct the spec',
    path: first?.path ?? '',
  });
}
