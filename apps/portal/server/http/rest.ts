// The public REST API under /api/v1: procedures of the table, its OpenAPI document, live events, artifact files.
import { type ErrorBody, errorCodes } from '@stillwatt/contracts';
import { createOpenApiFetchHandler } from 'trpc-to-openapi';
import { type Context, createContext } from '../context.ts';
import { appRouter } from '../router.ts';
import type { Services } from '../services.ts';
import { boundedRequest, errorAnswer, noStore, requestHeader, withCookies } from './answer.ts';
import { sendArtifactFile } from './artifact-file.ts';
import { sendEvents } from './events.ts';
import { openApiDocument } from './openapi.ts';

const base = '/api/v1';

export async function handleRest(services: Services, request: Request): Promise<Response> {
  const context = await createContext(services, request);
  return withCookies(await answer(context, request), context.setCookies);
}

async function answer(context: Context, request: Request): Promise<Response> {
  const { services } = context;
  try {
    const path = new URL(request.url).pathname.slice(base.length);
    if (path === '/openapi.json') return Response.json(openApiDocument(services.env.url));
    const special = request.method === 'GET' ? specialRoute(path) : null;
    if (special) {
      if (context.refusal) throw context.refusal;
      return await special(context, request);
    }
    const req = await boundedRequest(request);
    const response = await createOpenApiFetchHandler({
      endpoint: base,
      req,
      router: appRouter,
      createContext: () => context,
    });
    return await inOurWords(response, context.requestId);
  } catch (error) {
    return errorAnswer(error, services.log, context.requestId);
  }
}

type Handler = (context: Context, request: Request) => Promise<Response>;

/** What is a stream and therefore no procedure. */
function specialRoute(path: string): Handler | null {
  const [noun, projectId = '', third = '', file = ''] = path.slice(1).split('/').map(decode);
  if (noun === 'projects' && third === 'events' && file === '') {
    return (context, request) => sendEvents(context, request, projectId);
  }
  if (noun === 'artifacts' && file !== '') {
    return (context) => sendArtifactFile(context, { projectId, digest: third, file });
  }
  return null;
}

/** The adapter's error shape is tRPC's; ours is the same wherever an error is told. */
async function inOurWords(response: Response, requestId: string): Promise<Response> {
  const headers = new Headers({
    ...Object.fromEntries(response.headers),
    ...noStore,
    [requestHeader]: requestId,
  });
  if (response.status < 400) return new Response(response.body, { status: 200, headers });
  const shape = (await response.json()) as { data?: { error?: ErrorBody }; message?: string };
  const error: ErrorBody = shape.data?.error ?? {
    code: 'INTERNAL',
    message: 'the server failed (INTERNAL)',
    retryable: false,
  };
  return Response.json(error, { status: errorCodes[error.code], headers });
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
