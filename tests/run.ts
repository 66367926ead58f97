// `npm test`: runs the tiers one after the other and ends with the sum over all of them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const tiers = [
  'unit',
  'kernels',
  'conformance',
  'golden',
  'replay',
  'integration',
  'faults',
  'e2e',
];

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { name: string; status: string; message: string; assertionResults: unknown[] }[];
}

const asked = process.argv.slice(2).filter((word) => !word.startsWith('-'));
/** Every kill instant instead of the fast subset. */
const all = process.argv.includes('--all');
const unknown = asked.filter((name) => !tiers.includes(name));
if (unknown.length > 0) {
  console.error(`There is no tier ${unknown.join(', ')}. Tiers: ${tiers.join(', ')}.`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'stillwatt-tests-'));
const total = { passed: 0, failed: 0, skipped: 0 };
for (const tier of asked.length > 0 ? asked : tiers) {
  console.log(`\n── ${tier}`);
  const counts = tier === 'kernels' ? runCargo() : runVitest(tier);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}
rmSync(folder, { recursive: true, force: true });
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;

function runVitest(tier: string): typeof total {
  const file = join(folder, `${tier}.json`);
  const { status } = spawnSync(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--config',
      'tests/vitest.config.ts',
      '--project',
      tier,
      '--passWithNoTests',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...(all ? { STILLWATT_FAULTS: 'all' } : {}) },
    },
  );
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    // A file that could not even be loaded holds no tests, and is a failure all the same.
    const broken = report.testResults.filter(
      (result) => result.status === 'failed' && result.assertionResults.length === 0,
    );
    const failed = report.numFailedTests + broken.length;
    return {
      passed: report.numPassedTests,
      failed: status !== 0 && failed === 0 ? 1 : failed,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    console.error(`The ${tier} tier ended without a report (exit ${String(status)}).`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** `cargo test` of the native kernels, every variant that this CPU has; built beside set-up's build. */
function runCargo(): typeof total {
  const { cache } = JSON.parse(readFileSync('node_modules/.stillwatt/parts.json', 'utf8')) as {
    cache: string;
  };
  const { status, stdout } = spawnSync('cargo', ['test', '--locked', '--workspace', '--quiet'], {
    cwd: 'workers/native',
    encoding: 'utf8',
    maxBuffer: 64e6,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, CARGO_TARGET_DIR: join(cache, 'cargo') },
  });
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const sums = stdout.matchAll(/^test result: .* (\d+) passed; (\d+) failed; (\d+) ignored/gm);
  for (const [, passed, failed, ignored] of sums) {
    counts.passed += Number(passed);
    counts.failed += Number(failed);
    counts.skipped += Number(ignored);
  }
  if (status !== 0) {
    console.log(stdout);
    counts.failed = Math.max(1, counts.failed);
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  return counts;
}
