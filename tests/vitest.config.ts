// One vitest project per tier, so that each runs alone and with its own limits.
import { defineConfig } from 'vitest/config';

const root = new URL('..', import.meta.url).pathname;

/** Tiers that start processes run one file at a time: two cores, and figures that others do not disturb. */
function tier(name: string, include: string[], testTimeout: number, parallel = false) {
  return {
    test: {
      name,
      root,
      include,
      exclude: ['**/node_modules/**', '**/.next/**', '**/.stillwatt/**'],
      testTimeout,
      hookTimeout: Math.max(testTimeout, 120_000),
      pool: 'forks' as const,
      fileParallelism: parallel,
      retry: 0,
    },
  };
}

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      tier(
        'unit',
        [
          '{apps,workflows,workers,prisma,infra}/**/*.test.ts',
          'apps/**/*.test.tsx',
          'tests/bench/*.test.ts',
        ],
        60_000,
        true,
      ),
      tier('conformance', ['tests/conformance/**/*.test.ts'], 120_000),
      tier('golden', ['tests/golden/**/*.test.ts'], 180_000),
      tier('replay', ['tests/replay/**/*.test.ts'], 120_000),
      tier('integration', ['tests/integration/**/*.test.ts'], 240_000),
      tier('faults', ['tests/faults/**/*.test.ts'], 600_000),
      tier('e2e', ['tests/e2e/**/*.test.ts'], 300_000),
    ],
  },
});
