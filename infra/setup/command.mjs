// Runs a command to its end: output to a log file, its last lines into the error.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import path from 'node:path';

const keptLines = 12;

/**
 * @typedef {{
 *   cwd?: string, env?: NodeJS.ProcessEnv, input?: string, log?: string,
 *   onLine?: (line: string) => void,
 * }} CommandOptions
 * @typedef {{ code: number, stdout: string, tail: string, missing: boolean }} CommandResult
 */

/**
 * Never throws: a command that does not exist has `missing: true` and code 127.
 * @param {string} command @param {string[]} args @param {CommandOptions} options
 * @returns {Promise<CommandResult>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const { cwd, env, input, log, onLine } = options;
    if (log) mkdirSync(path.dirname(log), { recursive: true });
    const file = log ? createWriteStream(log, { flags: 'a' }) : undefined;
    file?.write(`$ ${[command, ...args].join(' ')}\n`);
    const child = spawn(command, args, {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      ...(cwd === undefined ? {} : { cwd }),
      ...(env === undefined ? {} : { env }),
    });
    let stdout = '';
    let last = /** @type {string[]} */ ([]);
    /** @param {Buffer} chunk */
    const keep = (chunk) => {
      file?.write(chunk);
      const lines = chunk
        .toString('utf8')
        .split(/[\r\n]+/)
        .filter((line) => line.trim());
      for (const line of lines) onLine?.(line);
      last = [...last, ...lines].slice(-keptLines);
    };
    child.stdout?.on('data', (chunk) => {
      stdout += chunk.toString('utf8');
      keep(chunk);
    });
    child.stderr?.on('data', keep);
    child.stdin?.on('error', () => {}); // the exit code tells why it stopped reading
    child.stdin?.end(input);
    child.on('error', (error) => {
      file?.end();
      const missing = 'code' in error && error.code === 'ENOENT';
      resolve({ code: 127, stdout: '', tail: error.message, missing });
    });
    child.on('close', (code, signal) => {
      file?.end();
      const tail = signal ? [...last, `ended by ${signal}`] : last;
      resolve({ code: code ?? 1, stdout, tail: tail.join('\n'), missing: false });
    });
  });
}
