// The live subscription of a project or of one run.
import { type LiveEvent, liveInputSchema } from '@stillwatt/contracts';
import { tracked } from '@trpc/server';
import { openFeed } from '../live/feed.ts';
import { followRequest } from '../live/request.ts';
import { router, signedInProcedure } from '../trpc.ts';

export const liveRouter = router({
  // Not a generator itself: "connected" is said when nothing is missed any more.
  subscribe: signedInProcedure
    .input(liveInputSchema)
    .subscription(async ({ ctx, input, signal }) => {
      const request = await followRequest(ctx, input);
      const feed = await openFeed(ctx.services, request, signal ?? new AbortController().signal);
      return withIds(feed);
    }),
});

async function* withIds(feed: AsyncGenerator<LiveEvent, void, void>) {
  for await (const event of feed) yield tracked(event.id, event);
}
