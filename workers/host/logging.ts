// The host's log: JSON lines on stdout, for people and machines; Temporal's own lines go through it too.
import { DefaultLogger, type LogEntry, type Logger as TemporalLogger } from '@temporalio/worker';
import { type Logger, pino } from 'pino';
import type { HostEnv } from './env.ts';

/** Never given the environment, a database address or a token; these paths are cut out all the same. */
const redacted = ['*.password', '*.token', '*.secret', '*.databaseUrl', '*.authorization'];

export function createLog(level: HostEnv['logLevel']): Logger {
  return pino({ level, base: { part: 'host' }, redact: redacted, messageKey: 'message' });
}

/** Temporal's log lines in ours. */
export function temporalLogger(log: Logger, level: HostEnv['logLevel']): TemporalLogger {
  const levels = {
    TRACE: 'trace',
    DEBUG: 'debug',
    INFO: 'info',
    WARN: 'warn',
    ERROR: 'error',
  } as const;
  const floor = level === 'debug' ? 'DEBUG' : level === 'error' ? 'ERROR' : 'WARN';
  return new DefaultLogger(floor, ({ level: of, message, meta }: LogEntry) => {
    const { error, ...rest } = meta ?? {};
    log[levels[of]]({ ...rest, ...(error ? { err: error as Error } : {}) }, message);
  });
}
