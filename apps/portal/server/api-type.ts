// The type of the API router, from the table of procedures alone: all a client needs to know of the server.
import type {
  ErrorBody,
  LiveEvent,
  liveInputSchema,
  ProcedureInput,
  ProcedureName,
  ProcedureOutput,
  procedures,
} from '@stillwatt/contracts';
import type {
  TRPCBuiltRouter,
  TRPCDefaultErrorShape,
  TRPCMutationProcedure,
  TRPCQueryProcedure,
  TRPCSubscriptionProcedure,
} from '@trpc/server';
import type { z } from 'zod';

/** What a failed call carries in `error.data`. */
export interface ApiErrorShape extends TRPCDefaultErrorShape {
  data: TRPCDefaultErrorShape['data'] & { error: ErrorBody; requestId: string };
}

/** One procedure of the table as tRPC sees it. */
export type ApiProcedure<N extends ProcedureName> = (typeof procedures)[N]['kind'] extends 'query'
  ? TRPCQueryProcedure<{ input: ProcedureInput<N>; output: ProcedureOutput<N>; meta: unknown }>
  : TRPCMutationProcedure<{ input: ProcedureInput<N>; output: ProcedureOutput<N>; meta: unknown }>;

/** `runs` of `runs.list`. */
export type Noun = ProcedureName extends `${infer N}.${string}` ? N : never;

/** The procedures of one noun by their verbs. */
export type NounRouter<N extends Noun> = {
  [P in ProcedureName as P extends `${N}.${infer Verb}` ? Verb : never]: ApiProcedure<P>;
};

export type ApiRecord = { [N in Noun]: NounRouter<N> } & {
  live: {
    subscribe: TRPCSubscriptionProcedure<{
      input: z.input<typeof liveInputSchema>;
      output: AsyncIterable<{ id: string; data: LiveEvent }>;
      meta: unknown;
    }>;
  };
};

export type AppRouter = TRPCBuiltRouter<
  { ctx: object; meta: object; errorShape: ApiErrorShape; transformer: false },
  ApiRecord
>;
