// Errors of the library as errors of the platform.
import { StillwattError } from '@stillwatt/contracts';

/** Runs a call into the library; what it refuses becomes INPUT_INVALID, PREREQUISITE_MISSING or CANCELLED. */
export function explain<T>(call: () => T): T {
  try {
    return call();
  } catch (cause) {
    throw translate(cause);
  }
}

export function translate(cause: unknown): unknown {
  if (!(cause instanceof Error) || !('code' in cause)) return cause;
  switch (cause.code) {
    case 'InvalidArg':
      return new StillwattError('INPUT_INVALID', cause.message, { cause });
    case 'GenericFailure':
      return new StillwattError('PREREQUISITE_MISSING', cause.message, {
        fix: 'Unset STILLWATT_KERNELS to take the fastest kernels of this CPU.',
        cause,
      });
    case 'Cancelled':
      return new StillwattError('CANCELLED', cause.message, { cause });
    default:
      return cause;
  }
}
