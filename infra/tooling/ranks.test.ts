// Every row of the rank table refuses what it must: each rule is broken once in a house of empty rooms.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type IConfiguration, type ICruiseResult } from 'dependency-cruiser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const require = createRequire(import.meta.url);
const configuration = require('./dependency-cruiser.cjs') as IConfiguration;

const packages: Record<string, string> = {
  contracts: 'workflows/contracts',
  search: 'workflows/search',
  statistics: 'workflows/statistics',
  definitions: 'workflows/definitions',
  native: 'workers/native',
  engine: 'workers/engine',
  artifacts: 'workers/artifacts',
  stage: 'workers/stage',
  executors: 'workers/executors',
  activities: 'workers/activities',
  host: 'workers/host',
  db: 'prisma',
  portal: 'apps/portal',
  cli: 'apps/cli',
  local: 'infra/local',
};
const libraries = [
  'zod',
  'pino',
  '@prisma/client',
  '@temporalio/client',
  '@temporalio/worker',
  '@temporalio/activity',
  '@tensorflow/tfjs-node',
  'next',
];

/** importer, what it must not import, the rule that says so */
const broken: [string, string, string][] = [
  ['contracts', 'node:fs', 'contracts-keeps-its-libraries'],
  ['contracts', '@stillwatt/search', 'contracts-imports-only-its-ranks'],
  ['search', 'node:fs', 'search-keeps-its-libraries'],
  ['search', '@stillwatt/db', 'search-imports-only-its-ranks'],
  ['statistics', 'pino', 'statistics-keeps-its-libraries'],
  ['statistics', '@stillwatt/search', 'statistics-imports-only-its-ranks'],
  ['native', '@tensorflow/tfjs-node', 'native-keeps-its-libraries'],
  ['native', '@stillwatt/statistics', 'native-imports-only-its-ranks'],
  ['artifacts', '@prisma/client', 'artifacts-keeps-its-libraries'],
  ['artifacts', '@stillwatt/db', 'artifacts-imports-only-its-ranks'],
  ['db', '@temporalio/client', 'db-keeps-its-libraries'],
  ['db', '@stillwatt/artifacts', 'db-imports-only-its-ranks'],
  ['engine', 'node:fs', 'engine-keeps-its-libraries'],
  ['engine', '@stillwatt/artifacts', 'engine-imports-only-its-ranks'],
  ['definitions', 'node:crypto', 'definitions-keeps-its-libraries'],
  ['definitions', '@stillwatt/activities', 'definitions-imports-only-its-ranks'],
  ['stage', '@temporalio/activity', 'stage-keeps-its-libraries'],
  ['stage', '@stillwatt/db', 'stage-imports-only-its-ranks'],
  ['executors', '@tensorflow/tfjs-node', 'executors-keeps-its-libraries'],
  ['executors', '@stillwatt/engine', 'executors-imports-only-its-ranks'],
  ['activities', 'next', 'activities-keeps-its-libraries'],
  ['activities', '@stillwatt/engine', 'activities-imports-only-its-ranks'],
  ['host', '@tensorflow/tfjs-node', 'host-keeps-its-libraries'],
  ['host', '@stillwatt/engine', 'host-imports-only-its-ranks'],
  ['portal', '@temporalio/worker', 'portal-keeps-its-libraries'],
  ['portal', '@stillwatt/activities', 'portal-imports-only-its-ranks'],
  ['cli', '@prisma/client', 'cli-keeps-its-libraries'],
  ['cli', '@stillwatt/db', 'cli-imports-only-its-ranks'],
  ['local', '@tensorflow/tfjs-node', 'local-keeps-its-libraries'],
  ['local', '@stillwatt/db', 'local-imports-only-its-ranks'],
  ['stage', '@stillwatt/host', 'nobody-imports-an-end'],
  ['activities', '@prisma/client', 'only-db-imports-prisma'],
  ['engine', './nowhere.ts', 'no-unresolved'],
  ['search', './index.ts', 'no-cycles'],
];

let house: string;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(house, path)), { recursive: true });
  writeFileSync(join(house, path), text);
}

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'stillwatt-ranks-'));
  write(
    'tsconfig.json',
    '{ "compilerOptions": { "module": "nodenext", "allowImportingTsExtensions": true } }',
  );
  write('package.json', '{ "type": "module" }');
  for (const library of libraries) {
    write(
      `node_modules/${library}/package.json`,
      `{ "name": "${library}", "exports": "./index.js" }`,
    );
    write(`node_modules/${library}/index.js`, 'module.exports = {};');
  }
  mkdirSync(join(house, 'node_modules/@stillwatt'), { recursive: true });
  for (const [name, folder] of Object.entries(packages)) {
    write(`${folder}/package.json`, `{ "name": "@stillwatt/${name}", "exports": "./index.ts" }`);
    write(`${folder}/index.ts`, 'export const here = true;\n');
    symlinkSync(join(house, folder), join(house, 'node_modules/@stillwatt', name));
  }
  // One file per broken rule; the cycle needs a file that looks back at itself through another.
  for (const [index, [name, imported]] of broken.entries()) {
    const folder = packages[name] ?? name;
    const looksBack = imported === './index.ts';
    write(
      `${folder}/broken-${index}.ts`,
      `import * as it from '${imported}';\nexport const used = it;\n`,
    );
    if (looksBack) write(`${folder}/index.ts`, `export * from './broken-${index}.ts';\n`);
  }
});

afterAll(() => rmSync(house, { recursive: true, force: true }));

describe('rank rules', () => {
  let found: Set<string>;
  beforeAll(async () => {
    const { forbidden = [], options = {} } = configuration;
    const { output } = await cruise(
      Object.values(packages),
      { ...options, ruleSet: { forbidden }, validate: true, baseDir: house },
      options.enhancedResolveOptions,
    );
    found = new Set(
      (output as ICruiseResult).summary.violations.map(({ from, rule }) => `${from} ${rule.name}`),
    );
  });

  it.each(broken.map((row, index) => [...row, index] as const))(
    '%s must not import %s: %s',
    (name, _imported, rule, index) => {
      const folder = packages[name] ?? name;
      expect(found).toContain(`${folder}/broken-${index}.ts ${rule}`);
    },
  );

  it('has a proof for every rule', () => {
    const proven = new Set(broken.map(([, , rule]) => rule));
    expect(
      configuration.forbidden?.map((rule) => rule.name).filter((name) => !proven.has(name ?? '')),
    ).toEqual([]);
  });
});
