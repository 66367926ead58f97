// Exit codes of every verb: what a script may rely on.
import type { ErrorCode } from '@stillwatt/contracts';

export const exitCodes = {
  ok: 0,
  /** What was watched ended, and not well; or the doctor found something. */
  failed: 1,
  /** A flag, an id or a spec is wrong. */
  usage: 2,
  /** No key, a wrong key, or a role too low. */
  refused: 3,
  notFound: 4,
  /** The platform or a part of it cannot be reached: worth another try. */
  unavailable: 5,
  /** Anything else the API answers with, and bugs. */
  other: 6,
  /** Ctrl-C: detached from watching; the work goes on. */
  detached: 130,
} as const;

const byError: Partial<Record<ErrorCode, number>> = {
  SPEC_INVALID: exitCodes.usage,
  INPUT_INVALID: exitCodes.usage,
  UNAUTHENTICATED: exitCodes.refused,
  FORBIDDEN: exitCodes.refused,
  NOT_FOUND: exitCodes.notFound,
  UNAVAILABLE: exitCodes.unavailable,
  STORAGE_UNAVAILABLE: exitCodes.unavailable,
  RATE_LIMITED: exitCodes.unavailable,
};

export function exitCodeOf(code: ErrorCode): number {
  return byError[code] ?? exitCodes.other;
}

export const exitCodesHelp = `
exit codes
  0  done            3  key missing, wrong or of too low a role
  1  ended badly     4  no such run or sweep
  2  wrong usage     5  cannot be reached, try again
  6  other errors  130  detached with Ctrl-C, the work goes on`;
