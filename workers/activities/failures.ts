// The one place where StillwattErrors become Temporal failures.
import {
  type ErrorBody,
  isStillwattError,
  StillwattError,
  toErrorBody,
} from '@stillwatt/contracts';
import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';

/** System errors that pass, or that only their owner can cure; what is not listed is a bug. */
const systemErrors: Record<string, ErrorBody> = {
  ENOSPC: body(
    'STORAGE_FULL',
    'the disk is full',
    'free disk space, then start the run again',
    false,
  ),
  EDQUOT: body(
    'STORAGE_FULL',
    'the disk quota is used up',
    'free disk space, then start the run again',
    false,
  ),
  EMFILE: body('UNAVAILABLE', 'too many open files', 'raise the limit of open files', true),
  ENFILE: body('UNAVAILABLE', 'too many open files', 'raise the limit of open files', true),
  EAGAIN: body(
    'UNAVAILABLE',
    'the machine has no room for another process',
    'run fewer stages at once',
    true,
  ),
  ENOMEM: body('UNAVAILABLE', 'the machine has no memory left', 'run fewer stages at once', true),
  EIO: body('STORAGE_UNAVAILABLE', 'the disk does not answer', 'look at the disk', true),
};

/** What Temporal is told: code as type, body as detail; retried only where another try can succeed. */
export function toFailure(error: unknown): ApplicationFailure | CancelledFailure {
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error;
  // An AbortSignal's own error: somebody let go while we waited.
  if (error instanceof Error && error.name === 'AbortError') {
    return new CancelledFailure(error.message, [], error);
  }
  const body = toBody(error);
  return ApplicationFailure.create({
    type: body.code,
    message: body.message,
    nonRetryable: !body.retryable,
    details: [body],
    ...(error instanceof Error ? { cause: error } : {}),
  });
}

function toBody(error: unknown): ErrorBody {
  if (isStillwattError(error)) return toErrorBody(error);
  if (error instanceof Error && error.name === 'ZodError') {
    return new StillwattError('INPUT_INVALID', `an activity was called wrongly: ${error.message}`, {
      fix: 'host and portal are of different versions: restart both',
    }).toBody();
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return systemErrors[code] ?? toErrorBody(error);
}

/** The activities with every error translated. */
export function translatingFailures<T extends object>(activities: T): T {
  const translated = Object.entries(activities).map(([name, activity]) => [
    name,
    async (...args: unknown[]) => {
      try {
        return await (activity as (...args: unknown[]) => Promise<unknown>)(...args);
      } catch (error) {
        throw toFailure(error);
      }
    },
  ]);
  return Object.fromEntries(translated) as T;
}

function body(
  code: ErrorBody['code'],
  message: string,
  fix: string,
  retryable: boolean,
): ErrorBody {
  return { code, message, fix, retryable };
}
