// Rivals in a process of their own: requests and answers as lines of JSON, one at a time.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { peersPython, prototypeBinary, threadEnvironment } from '../env.ts';
import type { Opened, Peer, PeerName, Sample, Shape, Subject } from '../types.ts';

const commands: Record<PeerName, [string, ...string[]]> = {
  python: [peersPython, '-W', 'ignore', join(import.meta.dirname, 'python/server.py')],
  prototype: [prototypeBinary],
};

export function startPeer(name: PeerName, threads: number): Peer {
  const [command, ...args] = commands[name];
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: threadEnvironment(threads),
  });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask<T>(op: string, args: object = {}): Promise<T> {
      child.stdin.write(`${JSON.stringify({ op, ...args })}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`the process of ${name} ended`);
      const reply = JSON.parse(value) as { answer: T; error?: string };
      if (reply.error !== undefined) throw new Error(`${name}, ${op}: ${reply.error}`);
      return reply.answer;
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}

/** A contender whose subjects live in a peer; `place` puts the inputs of one there under `name`. */
export function openInPeer(
  peer: Peer,
  name: string,
  version: string,
  place: (shape: Shape) => Promise<unknown>,
): Opened {
  const subject: Subject = {
    output: () => peer.ask<number[]>('output', { name }),
    time: (calls) => peer.ask<Sample>('measure', { name, calls }),
  };
  return {
    version,
    async subject(shape) {
      await place(shape);
      return subject;
    },
    close: () => peer.ask('drop', { name }),
  };
}
