// Steps: what is generated from our own sources: database client, workflow bundle, portal.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { run } from '../command.mjs';
import { root, stamps } from '../env.mjs';
import { SetupError } from '../errors.mjs';
import { hashOfSources, readIfThere, writeWhole } from '../files.mjs';

export const databaseClient = buildStep({
  name: 'database-client',
  title: 'database client',
  folder: 'prisma',
  script: 'generate',
  output: 'prisma/generated',
  sources: ['prisma/schema.prisma', 'prisma/commands', 'prisma/package.json'],
  purposes: ['demo', 'test', 'check'],
  // the only engine that generating could want to download; nothing of it is used
  env: { PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true', CHECKPOINT_DISABLE: '1' },
});

export const workflowBundle = buildStep({
  name: 'workflow-bundle',
  title: 'workflow bundle',
  folder: 'workers/host',
  script: 'bundle',
  output: 'workers/host/bundle',
  sources: ['workers/host', 'workflows/definitions', 'workflows/contracts', 'workflows/search'],
  purposes: ['demo', 'test'],
});

export const portal = buildStep({
  name: 'portal',
  title: 'portal',
  folder: 'apps/portal',
  script: 'build',
  output: 'apps/portal/.next/BUILD_ID',
  sources: [
    'apps/portal',
    'workflows/contracts',
    'workflows/search',
    'workflows/statistics',
    'prisma',
    'workers/artifacts',
  ],
  purposes: ['demo', 'test'],
  diskMb: 500,
  env: { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
});

/**
 * A step that runs an npm script of one workspace when its sources changed.
 * @param {{
 *   name: string, title: string, folder: string, script: string, output: string,
 *   sources: string[], purposes: import('../steps.mjs').Purpose[], diskMb?: number,
 *   env?: Record<string, string>,
 * }} part
 * @returns {import('../steps.mjs').Step}
 */
function buildStep({ name, title, folder, script, output, sources, purposes, diskMb = 50, env }) {
  const stamp = path.join(stamps, `${name}.stamp`);
  // the lock file stands for every package the build reads
  const key = () => hashOfSources(root, [...sources, 'package-lock.json', 'tsconfig.json']);
  return {
    name,
    title,
    downloadMb: 0,
    diskMb,
    purposes,
    missing() {
      if (!existsSync(path.join(root, output))) return `${output} is not there`;
      return readIfThere(stamp) === key() ? null : 'its sources changed';
    },
    async run({ env: setupEnv, progress, log }) {
      if (!hasScript(folder, script)) {
        throw new SetupError(
          `${folder}/package.json has no script "${script}"`,
          'this checkout is incomplete: take a fresh clone',
        );
      }
      progress.note(`npm run ${script} in ${folder}`);
      const before = key();
      const bin = path.join(root, 'node_modules/.bin');
      const result = await run('npm', ['run', script], {
        cwd: path.join(root, folder),
        env: {
          ...setupEnv.inherited,
          ...env,
          PATH: `${bin}${path.delimiter}${setupEnv.inherited.PATH}`,
        },
        log,
      });
      if (result.code !== 0 || !existsSync(path.join(root, output))) {
        throw new SetupError(
          `npm run ${script} in ${folder} ended with code ${result.code}:\n${result.tail}`,
          `the whole output is in ${log}`,
        );
      }
      writeWhole(stamp, before);
    },
  };
}

/** @param {string} folder @param {string} script */
function hasScript(folder, script) {
  const manifest = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
  return typeof manifest.scripts?.[script] === 'string';
}
