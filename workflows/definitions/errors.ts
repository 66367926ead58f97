// Error bodies as they travel in Temporal's failures: what activities put in, workflows take out and pass on.
import { type ErrorBody, errorBodySchema, StillwattError, toErrorBody } from '@stillwatt/contracts';
import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  TimeoutFailure,
} from '@temporalio/workflow';

/** The body of whatever a workflow caught. */
export function errorBodyOf(error: unknown): ErrorBody {
  if (isCancellation(error)) {
    return new StillwattError('CANCELLED', 'somebody cancelled it').toBody();
  }
  if (error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) {
    return errorBodyOf(error.cause ?? new Error(error.message));
  }
  if (error instanceof ApplicationFailure) {
    const body = errorBodySchema.safeParse(error.details?.[0]);
    if (body.success) return body.data;
  }
  if (error instanceof TimeoutFailure) {
    return new StillwattError('STAGE_TIMEOUT', `a deadline passed: ${error.message}`).toBody();
  }
  return toErrorBody(error);
}

/** Ends a workflow as failed, with the code as the failure's type. */
export function failureOf(body: ErrorBody): ApplicationFailure {
  return ApplicationFailure.create({
    type: body.code,
    message: body.message,
    nonRetryable: true,
    details: [body],
  });
}
