// Where and of what a benchmark was made.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem, version } from 'node:os';
import { join } from 'node:path';
import { root } from './env.ts';

/** Instructions that kernels choose by. */
const telling = /^(avx|fma|f16c|amx|neon|asimd)/;

export function describeMachine(): object {
  const [first] = cpus();
  const info = readOr('/proc/cpuinfo', '');
  const flags = /^flags\s*:\s*(.*)$/m.exec(info)?.[1] ?? '';
  const family = ['cpu family', 'model', 'stepping'].map(
    (key) => new RegExp(`^${key}\\s*:\\s*(.*)$`, 'm').exec(info)?.[1] ?? null,
  );
  return {
    cpu: first?.model ?? null,
    family: family.join('/'),
    cores: cpus().length,
    instructions: flags.split(' ').filter((flag) => telling.test(flag)),
    memoryGb: Math.round(totalmem() / 1e9),
    system: version(),
    node: process.version,
  };
}

export function describeCommit(): { commit: string | null; hasChanges: boolean | null } {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
    return {
      commit: git('rev-parse', 'HEAD'),
      hasChanges: git('status', '--porcelain', '--untracked-files=no') !== '',
    };
  } catch {
    return { commit: null, hasChanges: null }; // an archive of the sources has no history
  }
}

/** Processes that wanted a core in the last minute. */
export function describeLoad(): { load: number; isBusy: boolean } {
  const load = loadavg()[0]!;
  return { load, isBusy: load > cpus().length / 2 };
}

/** Version of an installed npm package. */
export function versionOf(name: string): string {
  const file = join(root, 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}
