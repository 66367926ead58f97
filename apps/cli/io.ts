// Where the CLI writes: text for people, one JSON document for machines, errors on stderr.
import { type ErrorBody, toErrorBody } from '@stillwatt/contracts';
import { createPaint, type Paint } from '@stillwatt/local';
import type { CliEnv } from './env.ts';
import { exitCodeOf } from './exit-codes.ts';

export interface Io {
  out: (text: string) => void;
  err: (text: string) => void;
  isTerminal: boolean;
  columns: () => number;
  rows: () => number;
  paint: Paint;
  /** Aborts at the first Ctrl-C; a second one ends the process. */
  interrupted: AbortSignal;
}

/** The shape of every answer that is not an error. */
export interface Answer {
  /** For `--json`. */
  json: object;
  /** For people; without a line end. */
  text: string;
  exitCode?: number;
}

export function processIo(env: Pick<CliEnv, 'colour' | 'columns'>): Io {
  const { stdout, stderr } = process;
  const interrupt = new AbortController();
  process.on('SIGINT', () => {
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort();
  });
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // The reader has seen enough, as in “stillwatt list | head”.
      if (error.code === 'EPIPE') process.exit();
      throw error;
    });
  }
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    isTerminal: stdout.isTTY,
    columns: () => env.columns ?? stdout.columns ?? 80,
    rows: () => stdout.rows ?? 24,
    paint: createPaint(env.colour && stdout.isTTY),
    interrupted: interrupt.signal,
  };
}

/** Writes an error with its code and fix; answers with the exit code. */
export function reportError(io: Io, error: unknown, json: boolean): number {
  const body = toErrorBody(error);
  io.err(json ? `${JSON.stringify({ error: body }, null, 2)}\n` : errorText(body));
  return exitCodeOf(body.code);
}

function errorText({ code, message, fix, path }: ErrorBody): string {
  const where = path && !message.includes(path) ? ` (at ${path})` : '';
  const help = fix && !message.includes(fix) ? `  what to do: ${fix}\n` : '';
  return `✗ ${code}: ${message.replaceAll('\n', '\n  ')}${where}\n${help}`;
}
