// The one place where database errors become StillwattErrors.
import { isStillwattError, StillwattError } from '@stillwatt/contracts';

/** PostgreSQL: connection trouble, shutting down, too many connections, deadlock or serialisation failure, timeouts, out of memory. */
const retryableStates = /^(08|57P|53[23]|40001|40P01|25P0[34]|55P03)/;
/** PostgreSQL: the statement passed its time limit. */
const tooSlowState = '57014';
/** PostgreSQL: a text with a character it cannot hold, a number out of its range or none at all. */
const badValueStates = new Set(['22021', '22P05', '22003', '22P02']);
/** PostgreSQL and Node.js: the disk is full. */
const fullStates = new Set(['53100', 'ENOSPC', 'EDQUOT']);
const unreachable = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH'],
  // Prisma: cannot reach, timed out, connection closed, transaction API, pool timeout, write conflict
  ...['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2034', 'P2037'],
]);
/** The driver adapter's names for the same; a few of them carry no code. */
const unreachableKinds = new Set([
  ...['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections'],
  'TransactionWriteConflict',
]);
/** What `pg` says without a code. */
const unreachableTexts =
  /Connection terminated|connection timeout|timeout exceeded when trying to connect|Client has encountered a connection error|server closed the connection|Can't reach database server/i;

/** Any thrown value as a StillwattError; one of ours passes through. */
export function translateError(error: unknown): StillwattError {
  if (isStillwattError(error)) return error;
  const chain = causes(error);
  if (chain.some(({ code }) => fullStates.has(code))) {
    return new StillwattError('STORAGE_FULL', 'the disk of the database is full', {
      fix: 'free space on the disk that holds the data folder of PostgreSQL',
      cause: error,
    });
  }
  if (chain.some(isUnreachable)) {
    return new StillwattError('STORAGE_UNAVAILABLE', 'the database cannot be reached', {
      fix: 'check that PostgreSQL runs and that DATABASE_URL points to it; the call may be repeated',
      retryable: true,
      cause: error,
    });
  }
  if (chain.some(({ code }) => code === tooSlowState)) {
    return new StillwattError('STORAGE_UNAVAILABLE', 'the database took too long', {
      fix: 'try again, and ask for less at once',
      retryable: true,
      cause: error,
    });
  }
  if (chain.some(({ code }) => badValueStates.has(code))) {
    return new StillwattError('INPUT_INVALID', 'a value that the database cannot hold', {
      fix: 'look for control characters in texts, and for numbers that are too large',
      cause: error,
    });
  }
  const message = chain[0]?.message ?? String(error);
  return new StillwattError('INTERNAL', `database: ${message}`, { cause: error });
}

interface Cause {
  code: string;
  kind: string;
  message: string;
}

function isUnreachable({ code, kind, message }: Cause): boolean {
  return (
    unreachable.has(code) ||
    unreachableKinds.has(kind) ||
    (code.length === 5 && retryableStates.test(code)) ||
    unreachableTexts.test(message)
  );
}

/** An error and what it wraps: Prisma keeps the driver's error in `cause` or `meta.driverAdapterError`. */
function causes(error: unknown): Cause[] {
  const found: Cause[] = [];
  let next: unknown = error;
  for (let depth = 0; depth < 6 && typeof next === 'object' && next !== null; depth += 1) {
    const value = next as Record<string, unknown>;
    const text = (key: string) => (typeof value[key] === 'string' ? value[key] : '');
    found.push({
      code: text('code') || text('originalCode'),
      kind: text('kind'),
      message: text('message') || text('originalMessage'),
    });
    const meta = value['meta'] as { driverAdapterError?: unknown } | undefined;
    const errors = value['errors']; // AggregateError of a connection attempt over several addresses
    next = meta?.driverAdapterError ?? value['cause'] ?? (Array.isArray(errors) ? errors[0] : null);
  }
  return found;
}
