// Our own two processes: the worker host and the portal.
import path from 'node:path';
import { variables } from '@stillwatt/contracts';
import { type ChildEnv, root } from '../env.ts';
import type { Service } from '../part.ts';
import { loopback } from '../ports.ts';

export interface NodePartOptions {
  port: number;
  env: ChildEnv;
  log: string;
}

export function createHost({ port, env, log }: NodePartOptions): Service {
  return {
    name: 'host',
    log,
    ports: { metrics: port },
    command: () => ({
      file: process.execPath,
      args: [path.join(root, 'workers/host/main.ts')],
      cwd: root,
      env: { ...env, [variables.metricsPort]: String(port) },
    }),
    isReady: () => answers(`http://${loopback}:${port}/healthz`),
    readyWithinMs: 60_000,
    stopSignal: 'SIGTERM',
    stopWithinMs: 20_000, // a worker ends its activities in order
  };
}

export function createPortal({ port, env, log }: NodePartOptions): Service {
  return {
    name: 'portal',
    log,
    ports: { http: port },
    command: () => ({
      file: process.execPath,
      args: [
        path.join(root, 'node_modules/next/dist/bin/next'),
        ...['start', '--hostname', loopback, '--port', String(port)],
      ],
      cwd: path.join(root, 'apps/portal'),
      env: { ...env, [variables.port]: String(port) },
    }),
    isReady: () => answers(`http://${loopback}:${port}/readyz`),
    readyWithinMs: 60_000,
    stopSignal: 'SIGTERM',
    stopWithinMs: 10_000,
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
