// The rivals' Python process: requests and answers as lines of JSON, one at a time.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { peersPython, threadEnvironment } from '../env.ts';
import type { Opened, Python, Sample, Shape, Subject } from '../types.ts';

export function startPython(threads: number): Python {
  const script = join(import.meta.dirname, 'python/server.py');
  const child = spawn(peersPython, ['-W', 'ignore', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: threadEnvironment(threads),
  });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask<T>(op: string, args: object = {}): Promise<T> {
      child.stdin.write(`${JSON.stringify({ op, ...args })}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('the rivals’ Python ended');
      const reply = JSON.parse(value) as { answer: T; error?: string };
      if (reply.error !== undefined) throw new Error(`Python, ${op}: ${reply.error}`);
      return reply.answer;
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}

/** A contender whose subjects live in Python; `place` puts the inputs of one there under `name`. */
export function openInPython(
  python: Python,
  name: string,
  version: string,
  place: (shape: Shape) => Promise<unknown>,
): Opened {
  const subject: Subject = {
    output: () => python.ask<number[]>('output', { name }),
    time: (calls) => python.ask<Sample>('measure', { name, calls }),
  };
  return {
    version,
    async subject(shape) {
      await place(shape);
      return subject;
    },
    close: () => python.ask('drop', { name }),
  };
}
