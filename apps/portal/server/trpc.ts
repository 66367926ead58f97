// tRPC: one procedure per row of the table, each with its schemas, its authorisation, its limits and its audit.
import {
  type Access,
  errorCodes,
  type Procedure,
  type ProcedureName,
  procedures,
  type Role,
  StillwattError,
} from '@stillwatt/contracts';
import { initTRPC } from '@trpc/server';
import type { OpenApiMeta } from 'trpc-to-openapi';
import type { z } from 'zod';
import { authorise, type Granted, requireIdentity } from './access.ts';
import type { ApiErrorShape, ApiProcedure } from './api-type.ts';
import { type Context, callerKey } from './context.ts';
import { publicBody, toTrpcError } from './errors.ts';
import type { LimitName } from './limiter.ts';
import { recordAudit } from './audit.ts';

const t = initTRPC
  .context<Context>()
  .meta<OpenApiMeta>()
  .create({
    errorFormatter({ shape, error, ctx }): ApiErrorShape {
      const requestId = ctx?.requestId ?? 'none';
      const body = publicBody(error, requestId);
      const { stack: _stack, ...data } = shape.data;
      return {
        ...shape,
        message: body.message,
        data: { ...data, httpStatus: errorCodes[body.code], error: body, requestId },
      };
    },
    sse: {
      // Ended now and then, so that who lost access or was signed out does not listen for ever.
      maxDurationMs: 15 * 60_000,
      ping: { enabled: true, intervalMs: 15_000 },
      client: { reconnectAfterInactivityMs: 40_000 },
    },
  });

export const router = t.router;

/** Times, logs and translates every call; refuses one that was refused before it began. */
const base = t.procedure.use(async ({ ctx, next, path }) => {
  const { services, requestId } = ctx;
  const started = performance.now();
  const result = ctx.refusal
    ? { ok: false as const, error: toTrpcError(ctx.refusal) }
    : await next();
  const seconds = (performance.now() - started) / 1000;
  const code = result.ok ? 'OK' : publicBody(result.error, requestId).code;
  services.metrics.observeCall(path, code, seconds);
  if (result.ok) return result;
  const error = toTrpcError(result.error);
  if (code !== 'CANCELLED' && errorCodes[code as keyof typeof errorCodes] >= 500) {
    services.log.error({ err: error.cause ?? error, requestId, path }, 'call failed');
  }
  throw error;
});

/** What a handler gets: checked input and, where the table names a role, the project in which the caller has it. */
export interface Call<N extends ProcedureName> {
  services: Context['services'];
  ctx: Context;
  input: z.output<(typeof procedures)[N]['input']>;
  granted: (typeof procedures)[N]['access'] extends Role ? Granted : null;
}

/** What a handler gives: checked against the table before it leaves. */
export type Answer<N extends ProcedureName> = z.input<(typeof procedures)[N]['output']>;

/** A procedure of the table with its body. */
export function procedure<N extends ProcedureName>(
  name: N,
  handle: (call: Call<N>) => Promise<Answer<N>>,
): ApiProcedure<N> {
  const row: Procedure = procedures[name];
  const built = base
    .meta(openApi(name, row))
    .use(({ ctx, next }) => {
      requireIdentity(row.access, ctx.caller);
      limit(ctx, row);
      return next();
    })
    .input(row.input)
    .output(row.output)
    .use(async ({ ctx, input, next }) => next({ ctx: { granted: await grant(ctx, row, input) } }));
  const body = async ({
    ctx,
    input,
  }: {
    ctx: Context & { granted: Granted | null };
    input: unknown;
  }) => {
    const call = { services: ctx.services, ctx, input, granted: ctx.granted } as unknown as Call<N>;
    const answer = await handle(call);
    if (row.kind === 'mutation') await recordAudit(ctx, name, ctx.granted, input, answer);
    return answer;
  };
  // The builder forgets which row it is; the table's own types say it again.
  return (row.kind === 'query'
    ? built.query(body)
    : built.mutation(body)) as unknown as ApiProcedure<N>;
}

/** For what is not a row of the table: the live subscription. */
export const signedInProcedure = base.use(({ ctx, next }) => {
  requireIdentity('viewer', ctx.caller);
  return next();
});

/** Takes one call from the caller's allowance. @throws StillwattError RATE_LIMITED */
export function takeAllowance(ctx: Context, name: LimitName, who = callerKey(ctx)): void {
  const wait = ctx.services.limiter.take(name, who);
  if (wait === 0) return;
  throw new StillwattError('RATE_LIMITED', 'too many calls', {
    fix: `wait ${wait} s`,
    retryable: true,
  });
}

function limit(ctx: Context, row: Procedure): void {
  // Public calls take tokens and passwords: who guesses shall not guess fast.
  if (row.access === 'public') takeAllowance(ctx, 'guess', `ip ${ctx.ip}`);
  else takeAllowance(ctx, row.kind);
}

async function grant(ctx: Context, row: Procedure, input: unknown): Promise<Granted | null> {
  if (!isRole(row.access)) return null;
  return authorise(ctx.services, ctx.caller, row.access, input as Record<string, unknown>);
}

function isRole(access: Access): access is Role {
  return access !== 'public' && access !== 'signed-in';
}

function openApi(name: string, row: Procedure): OpenApiMeta {
  const [noun = ''] = name.split('.');
  return {
    openapi: {
      ...row.rest,
      operationId: name,
      summary: row.summary,
      tags: [noun],
      protect: row.access !== 'public',
      errorResponses: [400, 401, 403, 404, 409, 429, 500],
    },
  };
}
