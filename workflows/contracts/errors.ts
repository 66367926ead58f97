// The one error type of the platform and the closed list of its codes.

/** Every code a StillwattError may carry, with the HTTP status the API answers with. */
export const errorCodes = {
  SPEC_INVALID: 400, // the experiment file breaks the schema or combines what cannot go together
  INPUT_INVALID: 400, // an API call, a flag or an activity input breaks its schema
  DATA_INVALID: 422, // a data set breaks its declared schema
  MODEL_INVALID: 422, // a model file is damaged, inconsistent or of an unknown kind
  SOURCE_MISSING: 422, // a data or model source is not where the spec says
  ARTIFACT_MISSING: 404, // no bytes under this digest
  ARTIFACT_CORRUPT: 500, // bytes and digest differ
  STORAGE_FULL: 507, // the disk or quota is used up
  STORAGE_UNAVAILABLE: 503, // the store or database cannot be reached for the moment
  PORT_TAKEN: 409, // a port the user asked for is in use
  ALREADY_RUNNING: 409, // a second instance on the same folder
  PREREQUISITE_MISSING: 424, // a tool or part the machine must have
  DIVERGED: 422, // the loss became NaN or infinite
  STAGE_CRASHED: 500, // the stage process ended without a result
  STAGE_OUT_OF_MEMORY: 507, // the stage process was killed for memory
  STAGE_TIMEOUT: 504, // the stage passed its deadline
  CANCELLED: 409, // somebody cancelled it
  UNAUTHENTICATED: 401, // no valid session or API key
  FORBIDDEN: 403, // signed in, a member, but not with the role this needs
  NOT_FOUND: 404, // no such thing, or not visible to the caller: the two look the same
  CONFLICT: 409, // the state of the thing does not allow this
  RATE_LIMITED: 429, // too many calls
  UNAVAILABLE: 503, // a part of the platform is down for the moment
  INTERNAL: 500, // a bug: the text stays in the logs
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** Characters of an error's texts; what is longer is cut, or it could not be told at all. */
export const errorTextLimits = { message: 10_000, fix: 2000, path: 2000 } as const;

/** What an error looks like on the wire: in events, rows, API answers and `--json`. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  /** What the reader can do about it. */
  fix?: string | undefined;
  /** Where: a spec path (`student.layers`), a file and line, a procedure. */
  path?: string | undefined;
  retryable: boolean;
}

/** An error with a code from the closed list. Check `code`, not `instanceof`: it survives process borders. */
export class StillwattError extends Error {
  override readonly name = 'StillwattError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly fix: string | undefined;
  readonly path: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { fix?: string; path?: string; retryable?: boolean; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.fix = options.fix;
    this.path = options.path;
  }

  toBody(): ErrorBody {
    return toErrorBody(this);
  }
}

/** True for a StillwattError of this or another process (compared by shape). */
export function isStillwattError(value: unknown): value is StillwattError {
  return (
    value instanceof Error &&
    'code' in value &&
    String((value as { code: unknown }).code) in errorCodes
  );
}

/** Any thrown value as an error body; what is not ours becomes INTERNAL. */
export function toErrorBody(value: unknown): ErrorBody {
  if (isStillwattError(value)) {
    const { code, message, fix, path, retryable } = value;
    return {
      code,
      message: message.slice(0, errorTextLimits.message),
      fix: fix?.slice(0, errorTextLimits.fix),
      path: path?.slice(0, errorTextLimits.path),
      retryable: retryable ?? false,
    };
  }
  const message = value instanceof Error ? value.message : String(value);
  return {
    code: 'INTERNAL',
    message: message.slice(0, errorTextLimits.message),
    retryable: false,
  };
}
