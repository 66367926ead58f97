// Live events as plain server-sent events, for programs.
import { liveInputSchema, StillwattError } from '@stillwatt/contracts';
import { requireIdentity } from '../access.ts';
import type { Context } from '../context.ts';
import { openFeed } from '../live/feed.ts';
import { followRequest } from '../live/request.ts';

const pingMs = 15_000;
/** Then the reader comes again with Last-Event-ID, and is authorised again. */
const maxMs = 15 * 60_000;

/** @throws StillwattError before the stream begins; within it, the stream ends. */
export async function sendEvents(
  context: Context,
  request: Request,
  projectId: string,
): Promise<Response> {
  requireIdentity('viewer', context.caller);
  const parsed = liveInputSchema.safeParse({
    projectId,
    runId: new URL(request.url).searchParams.get('runId') ?? undefined,
    lastEventId: request.headers.get('last-event-id'),
  });
  if (!parsed.success) {
    throw new StillwattError('INPUT_INVALID', parsed.error.issues[0]?.message ?? 'not valid', {
      fix: 'GET /api/v1/projects/{projectId}/events?runId=…',
    });
  }
  const closed = new AbortController();
  const signal = AbortSignal.any([request.signal, closed.signal, AbortSignal.timeout(maxMs)]);
  const feed = await openFeed(context.services, await followRequest(context, parsed.data), signal);
  const encoder = new TextEncoder();
  let ping: NodeJS.Timeout | undefined;

  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      // At once, so that the reader knows it is connected.
      controller.enqueue(encoder.encode(': connected\n\n'));
      ping = setInterval(() => controller.enqueue(encoder.encode(': ping\n\n')), pingMs);
      signal.addEventListener('abort', () => clearInterval(ping));
    },
    async pull(controller) {
      const event = await feed.next().then(
        ({ value }) => value,
        (error: unknown) => {
          const { services, requestId } = context;
          services.log.warn({ err: error, requestId }, 'live events ended early');
        },
      );
      if (!event) {
        clearInterval(ping);
        controller.close();
        return;
      }
      const { id, type } = event;
      const data = JSON.stringify(event);
      controller.enqueue(encoder.encode(`id: ${id}\nevent: ${type}\ndata: ${data}\n\n`));
    },
    async cancel() {
      clearInterval(ping);
      closed.abort();
      await feed.return();
    },
  });
  return new Response(body, {
    headers: {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-cache, no-transform',
      'X-Accel-Buffering': 'no',
    },
  });
}
