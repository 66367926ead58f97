// One call to Temporal: with a deadline, and its failures in the platform's words.
import { isStillwattError, StillwattError } from '@stillwatt/contracts';
import {
  type Client,
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  ScheduleNotFoundError,
} from '@temporalio/client';

/** gRPC status codes: https://grpc.io/docs/guides/status-codes/ */
const grpc = { deadlineExceeded: 4, notFound: 5, unavailable: 14 } as const;
const deadlineMs = 5000;

/** @throws StillwattError UNAVAILABLE (retryable), CONFLICT, INPUT_INVALID or INTERNAL; NOT_FOUND for an unknown id. */
export async function call<T>(
  client: Client,
  act: () => Promise<T>,
  withinMs: number = deadlineMs,
): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + withinMs, act);
  } catch (error) {
    throw translate(error);
  }
}

/** True for what `call` threw because Temporal knows no such workflow or schedule. */
export function isNotFound(error: unknown): boolean {
  return isStillwattError(error) && error.code === 'NOT_FOUND';
}

function translate(error: unknown): StillwattError {
  if (error instanceof WorkflowExecutionAlreadyStartedError) {
    return new StillwattError('CONFLICT', 'it was started already', { cause: error });
  }
  if (error instanceof WorkflowNotFoundError || error instanceof ScheduleNotFoundError) {
    return new StillwattError('NOT_FOUND', 'Temporal knows no such id', { cause: error });
  }
  // The SDK wraps some of the transport's errors and passes others on.
  const cause = isGrpcServiceError(error)
    ? error
    : error instanceof Error
      ? error.cause
      : undefined;
  if (isGrpcServiceError(cause)) {
    const status = Number(cause.code);
    if (status === grpc.notFound) {
      return new StillwattError('NOT_FOUND', 'Temporal knows no such id', { cause });
    }
    if (status === grpc.unavailable || status === grpc.deadlineExceeded) {
      return new StillwattError('UNAVAILABLE', `Temporal: ${cause.details}`, {
        retryable: true,
        cause,
      });
    }
  }
  const message = error instanceof Error ? error.message : String(error);
  return new StillwattError('INTERNAL', `Temporal: ${message}`, { cause: error });
}
