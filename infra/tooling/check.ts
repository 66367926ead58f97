// `npm run check`: everything a change must pass, one line per check, all run even when one fails.
import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';

const bin = 'node_modules/.bin';
const crate = ['--manifest-path', 'workers/native/Cargo.toml'];

const checks: [name: string, command: string, ...args: string[]][] = [
  ['format', `${bin}/prettier`, '--check', '--log-level', 'warn', '.'],
  ['types', `${bin}/tsc`, '--project', 'tsconfig.json'],
  ['types of the portal', `${bin}/tsc`, '--project', 'apps/portal/tsconfig.json', '--noEmit'],
  [
    'lint',
    `${bin}/eslint`,
    '--config',
    'infra/tooling/eslint.config.js',
    '--max-warnings',
    '0',
    '.',
  ],
  [
    'ranks',
    `${bin}/depcruise`,
    '--config',
    'infra/tooling/dependency-cruiser.cjs',
    'apps',
    'workflows',
    'workers',
    'prisma',
    'infra',
    'tests',
  ],
  ['dead code', `${bin}/knip`, '--config', 'infra/tooling/knip.json'],
  ['format of the kernels', 'cargo', 'fmt', '--all', '--check', ...crate],
  [
    'lint of the kernels',
    'cargo',
    'clippy',
    '--workspace',
    '--all-targets',
    '--locked',
    ...crate,
    '--',
    '-D',
    'warnings',
  ],
  ['unit', 'node', 'tests/run.ts', 'unit'],
];

const only = process.argv.slice(2);
const failed: string[] = [];
for (const [name, command, ...args] of checks) {
  if (only.length > 0 && !only.includes(name)) continue;
  const began = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 64e6,
  });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${status === 0 ? '✓' : '✗'} ${name} (${seconds} s)`);
  if (status !== 0) {
    failed.push(name);
    console.log(error ? String(error) : `${stdout}${stderr}`.trim());
  }
}
if (failed.length > 0)
  console.log(`\nFailed: ${failed.join(', ')}. One check alone: npm run check -- ${failed[0]}`);
process.exitCode = failed.length === 0 ? 0 : 1;
