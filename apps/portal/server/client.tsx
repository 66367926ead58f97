// The API in the browser: React Query with tRPC, live events included.
'use client';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import {
  createTRPCClient,
  httpBatchLink,
  httpSubscriptionLink,
  splitLink,
  TRPCClientError,
} from '@trpc/client';
import { createTRPCContext } from '@trpc/tanstack-react-query';
import type { ErrorBody } from '@stillwatt/contracts';
import { type ReactNode, useState } from 'react';
import type { AppRouter } from './api-type.ts';

const context = createTRPCContext<AppRouter>();

/** `const trpc = useTRPC(); useQuery(trpc.runs.get.queryOptions({ runId }))`. */
export const useTRPC = context.useTRPC;
/** The plain client, for calls outside React Query. */
export const useTRPCClient = context.useTRPCClient;

/** Every page of the portal stands inside this. */
export function ApiProvider({ children }: { children: ReactNode }) {
  const [queryClient] = useState(makeQueryClient);
  const [trpcClient] = useState(makeClient);
  return (
    <QueryClientProvider client={queryClient}>
      <context.TRPCProvider queryClient={queryClient} trpcClient={trpcClient}>
        {children}
      </context.TRPCProvider>
    </QueryClientProvider>
  );
}

/** The body of a failed call: code, message, fix and path, whatever was thrown. */
export function errorBody(error: unknown): ErrorBody {
  if (error instanceof TRPCClientError) {
    const data: unknown = error.data;
    if (typeof data === 'object' && data !== null && 'error' in data) {
      return data.error as ErrorBody;
    }
    return {
      code: 'UNAVAILABLE',
      message: 'The server did not answer.',
      fix: 'Check the connection and try again.',
      retryable: true,
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'INTERNAL', message, retryable: false };
}

/** True for what is not there, or not this person's to see: asking again will not help. */
export function isGone({ code }: Pick<ErrorBody, 'code'>): boolean {
  return code === 'NOT_FOUND' || code === 'INPUT_INVALID';
}

/**
 * What stands instead of a part of the page: its first answer failed, or what it shows is gone. A later failure
 * leaves what is shown, and what is being written there, in place.
 */
export function blockingFault(query: { data: unknown; error: unknown }): ErrorBody | null {
  if (query.error === null) return null;
  const fault = errorBody(query.error);
  return query.data === undefined || isGone(fault) ? fault : null;
}

function makeQueryClient() {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        // What will not change by asking again is not asked again.
        retry: (count, error) => count < 2 && errorBody(error).retryable,
      },
    },
  });
}

function makeClient() {
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === 'subscription',
        true: httpSubscriptionLink({ url: '/api/trpc' }),
        // POST for queries too: a spec to preview does not fit into a URL.
        false: httpBatchLink({ url: '/api/trpc', methodOverride: 'POST', maxItems: 20 }),
      }),
    ],
  });
}
