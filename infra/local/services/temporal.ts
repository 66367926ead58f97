// The Temporal dev server: one SQLite file, the Web UI beside it.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ChildEnv } from '../env.ts';
import type { Layout } from '../layout.ts';
import type { Service } from '../part.ts';
import { loopback } from '../ports.ts';

export interface TemporalOptions {
  layout: Layout;
  /** The Temporal CLI. */
  binary: string;
  ports: { grpc: number; ui: number };
  env: ChildEnv;
  log: string;
}

export function createTemporal({ layout, binary, ports, env, log }: TemporalOptions): Service {
  const address = `${loopback}:${ports.grpc}`;
  return {
    name: 'temporal',
    log,
    ports,
    command: () => ({
      file: binary,
      args: [
        ...['server', 'start-dev', '--ip', loopback, '--port', String(ports.grpc)],
        ...['--ui-ip', loopback, '--ui-port', String(ports.ui)],
        ...['--db-filename', layout.temporalData, '--log-level', 'warn'],
        // twice the throughput, and nothing that was acknowledged is lost with the process
        ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
        // a sweep that continues as new must not wait a second each time
        ...['--dynamic-config-value', 'history.workflowIdReuseMinimalInterval="0s"'],
      ],
      cwd: layout.home,
      env,
    }),
    isReady: () => isServing(binary, address, env),
    readyWithinMs: 60_000,
    stopSignal: 'SIGTERM',
    stopWithinMs: 10_000,
  };
}

/** Asks the way a client does: an open port alone is not yet a server. */
async function isServing(binary: string, address: string, env: ChildEnv) {
  try {
    const args = ['operator', 'cluster', 'health', '--address', address, '--command-timeout', '2s'];
    const { stdout } = await promisify(execFile)(binary, args, { env });
    return stdout.includes('SERVING');
  } catch {
    return false;
  }
}
