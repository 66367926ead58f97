// The live subscription of a project or of one run.
import { liveInputSchema } from '@stillwatt/contracts';
import { tracked } from '@trpc/server';
import { followProject } from '../live/feed.ts';
import { followRequest } from '../live/request.ts';
import { router, signedInProcedure } from '../trpc.ts';

export const liveRouter = router({
  subscribe: signedInProcedure.input(liveInputSchema).subscription(async function* ({
    ctx,
    input,
    signal,
  }) {
    const request = await followRequest(ctx, input);
    const aborted = signal ?? new AbortController().signal;
    for await (const event of followProject(ctx.services, request, aborted)) {
      yield tracked(event.id, event);
    }
  }),
});
