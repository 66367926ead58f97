// tRPC over HTTP: calls, batches and the live subscription.
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { createContext } from '../context.ts';
import { appRouter } from '../router.ts';
import type { Services } from '../services.ts';
import { boundedRequest, errorAnswer, withCookies } from './answer.ts';

export async function handleTrpc(services: Services, request: Request): Promise<Response> {
  const cookies: string[] = [];
  try {
    const response = await fetchRequestHandler({
      endpoint: '/api/trpc',
      req: await boundedRequest(request),
      router: appRouter,
      async createContext() {
        const context = await createContext(services, request);
        cookies.push(...context.setCookies);
        return context;
      },
      // A spec to preview does not fit into a URL; a mutation by GET stays refused.
      allowMethodOverride: true,
      responseMeta: () => ({ headers: { 'Cache-Control': 'no-store' } }),
    });
    return withCookies(response, cookies);
  } catch (error) {
    return errorAnswer(error, services.log);
  }
}
