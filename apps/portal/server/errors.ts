// Translates what is thrown into what a caller may see: one of the two places where errors change shape.
import {
  type ErrorBody,
  type ErrorCode,
  errorCodes,
  isStillwattError,
  StillwattError,
} from '@stillwatt/contracts';
import { TRPCError, type TRPC_ERROR_CODE_KEY } from '@trpc/server';
import { z } from 'zod';

const trpcCodes: Record<number, TRPC_ERROR_CODE_KEY> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  422: 'UNPROCESSABLE_CONTENT',
  424: 'PRECONDITION_FAILED',
  429: 'TOO_MANY_REQUESTS',
  503: 'SERVICE_UNAVAILABLE',
  504: 'GATEWAY_TIMEOUT',
};

/** tRPC's own refusals, in our words; what is not listed is a bug. */
const refusals: Partial<Record<TRPC_ERROR_CODE_KEY, ErrorCode>> = {
  PARSE_ERROR: 'INPUT_INVALID',
  BAD_REQUEST: 'INPUT_INVALID',
  METHOD_NOT_SUPPORTED: 'INPUT_INVALID',
  UNSUPPORTED_MEDIA_TYPE: 'INPUT_INVALID',
  PAYLOAD_TOO_LARGE: 'INPUT_INVALID',
  NOT_FOUND: 'NOT_FOUND',
};

/** The same text for what does not exist and for what the caller may not see. */
export function notFound(): StillwattError {
  return new StillwattError('NOT_FOUND', 'there is no such thing, or it is not yours to see', {
    fix: 'check the id, and with which account or key you call',
  });
}

/** Any thrown value as a tRPC error whose cause is what was thrown. */
export function toTrpcError(thrown: unknown): TRPCError {
  const cause = thrown instanceof TRPCError && thrown.cause ? thrown.cause : thrown;
  if (isStillwattError(cause)) {
    const code = trpcCodes[errorCodes[cause.code]] ?? 'INTERNAL_SERVER_ERROR';
    return new TRPCError({ code, message: cause.message, cause });
  }
  if (thrown instanceof TRPCError) return thrown;
  return new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message: 'INTERNAL', cause });
}

/** The body a caller sees; of a fault of the server only its code and the id under which the log has the rest. */
export function publicBody(thrown: unknown, requestId: string): ErrorBody {
  const body = describe(thrown);
  if (errorCodes[body.code] < 500) return body;
  const passing = errorCodes[body.code] === 503;
  return {
    code: body.code,
    message: passing
      ? 'a part of the platform cannot be reached for the moment'
      : `the server failed (${body.code})`,
    fix: passing
      ? 'try again in a moment; npm run doctor says which part it is'
      : `the server's log has the cause under request ${requestId}`,
    retryable: body.retryable || passing,
  };
}

function describe(thrown: unknown): ErrorBody {
  const cause = thrown instanceof TRPCError && thrown.cause ? thrown.cause : thrown;
  if (isStillwattError(cause)) {
    const { code, message, fix, path, retryable } = cause;
    return { code, message, fix, path, retryable: retryable ?? false };
  }
  if (thrown instanceof TRPCError) {
    const code = refusals[thrown.code] ?? 'INTERNAL';
    if (cause instanceof z.core.$ZodError && code === 'INPUT_INVALID') return inputBody(cause);
    return { code, message: thrown.message, retryable: false };
  }
  return { code: 'INTERNAL', message: String(thrown), retryable: false };
}

function inputBody(error: z.core.$ZodError): ErrorBody {
  const [first] = error.issues;
  const path = first?.path.map(String).join('.') ?? '';
  const more = error.issues.length > 1 ? ` (and ${error.issues.length - 1} more)` : '';
  return {
    code: 'INPUT_INVALID',
    message: `${path === '' ? 'the input' : path}: ${first?.message ?? 'not valid'}${more}`,
    fix: 'see the schema of this call in /api/v1/openapi.json',
    path,
    retryable: false,
  };
}
