// What the process has used so far, and what it is.
import { readFileSync } from 'node:fs';
import { cpus, hostname } from 'node:os';
import type { Provenance } from '@stillwatt/contracts';

export interface Usage {
  wallSeconds: number;
  cpuSeconds: number;
  peakRssBytes: number;
}

/** Since the start of the process: the loading of the engine is part of what a stage costs. */
export function readUsage(): Usage {
  const { user, system } = process.cpuUsage();
  return {
    wallSeconds: process.uptime(),
    cpuSeconds: (user + system) / 1e6,
    peakRssBytes: readPeakRssBytes(),
  };
}

/** The kernel's high-water mark: sampling would miss the peak. */
function readPeakRssBytes(): number {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'));
  if (!found) throw new Error('/proc/self/status has no VmHWM');
  return Number(found[1]) * 1024;
}

export function describeProcess(
  threads: number,
  runtime: { tensorflow: string; kernels: string; engine: string },
): Provenance {
  return {
    node: process.version,
    ...runtime,
    threads,
    cpu: cpus()[0]?.model ?? 'unknown',
    host: hostname(),
  };
}
