// Who may import whom: one named rule per row of the rank table. No cycles.

/** Folder of each package and what it may import: of ours, and never of theirs. */
const rows = {
  contracts: { at: 'workflows/contracts', ours: [], only: ['zod'] },
  search: { at: 'workflows/search', ours: ['contracts'], only: ['zod'] },
  statistics: { at: 'workflows/statistics', ours: ['contracts'], only: [] },
  native: {
    at: 'workers/native',
    ours: ['contracts'],
    never: ['@tensorflow', '@temporalio', '@prisma'],
  },
  artifacts: { at: 'workers/artifacts', ours: ['contracts'], never: ['@prisma', '@temporalio'] },
  db: { at: 'prisma', ours: ['contracts'], never: ['@temporalio', '@tensorflow'] },
  engine: {
    at: 'workers/engine',
    ours: ['contracts', 'native', 'statistics'],
    never: ['@temporalio', '@prisma', 'fs', 'fs/promises'],
  },
  definitions: {
    at: 'workflows/definitions',
    ours: ['contracts', 'search'],
    only: ['@temporalio/workflow', 'zod'],
  },
  stage: {
    at: 'workers/stage',
    ours: ['contracts', 'engine', 'artifacts'],
    never: ['@temporalio', '@prisma'],
  },
  executors: {
    at: 'workers/executors',
    ours: ['contracts'],
    never: ['@prisma', '@tensorflow', '@temporalio'],
  },
  activities: {
    at: 'workers/activities',
    ours: ['contracts', 'executors', 'artifacts', 'db'],
    never: ['@tensorflow', 'next'],
  },
  host: {
    at: 'workers/host',
    ours: ['activities', 'executors', 'contracts', 'search', 'statistics', 'artifacts', 'db'],
    never: ['@tensorflow', 'next'],
  },
  portal: {
    at: 'apps/portal',
    ours: ['contracts', 'search', 'statistics', 'db', 'artifacts'],
    never: ['@temporalio/worker', '@temporalio/workflow', '@tensorflow', '@prisma'],
  },
  cli: { at: 'apps/cli', ours: ['contracts', 'local'], never: ['@prisma', 'pg'] },
  local: {
    at: 'infra/local',
    ours: ['contracts'],
    never: ['@temporalio/workflow', '@tensorflow', '@prisma'],
  },
};

const source = '\\.(ts|tsx|mjs|js)$';
const test = '\\.test\\.tsx?$';
const folders = Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, row.at]));

/** Imports of our other packages beyond `ours`, by folder (npm workspaces resolve to their real path). */
function oursRule(name, row) {
  const others = Object.keys(rows)
    .filter((other) => other !== name && !row.ours.includes(other))
    .map((other) => `^${folders[other]}/`);
  return {
    name: `${name}-imports-only-its-ranks`,
    comment: `${name} may import ${row.ours.join(', ') || 'none of our packages'}.`,
    severity: 'error',
    from: { path: `^${row.at}/.*${source}`, pathNot: test },
    to: { path: [...others, '^tests/'] },
  };
}

function theirsRule(name, row) {
  const base = {
    name: `${name}-keeps-its-libraries`,
    severity: 'error',
    from: { path: `^${row.at}/.*${source}`, pathNot: test },
  };
  if (row.only) {
    const allowed = row.only.map((library) => `^node_modules/${library}/`);
    return {
      ...base,
      comment: `${name} may import ${row.only.join(', ') || 'no library and no Node built-in'}.`,
      to: {
        dependencyTypesNot: ['local'],
        pathNot: [...allowed, ...row.ours.map((other) => `^${folders[other]}/`), `^${row.at}/`],
      },
    };
  }
  return {
    ...base,
    comment: `${name} never imports ${row.never.join(', ')}.`,
    to: { path: row.never.flatMap((library) => [`^(node_modules/)?${library}(/|$)`]) },
  };
}

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or three.',
      severity: 'error',
      from: { pathNot: '^prisma/generated/' },
      to: { circular: true },
    },
    {
      name: 'nobody-imports-an-end',
      comment: 'Host, portal and cli are ends; local serves cli, demo and tests only.',
      severity: 'error',
      from: { path: source, pathNot: '^(tests|apps/cli|apps/portal|workers/host|infra/local)/' },
      to: { path: '^(apps/portal|apps/cli|workers/host|infra/local)/' },
    },
    ...Object.entries(rows).flatMap(([name, row]) => [oursRule(name, row), theirsRule(name, row)]),
    {
      name: 'only-db-imports-prisma',
      comment: 'The database client has one door.',
      severity: 'error',
      from: { path: source, pathNot: '^prisma/' },
      to: { path: '^(node_modules/)?@prisma/|^prisma/generated/' },
    },
    {
      name: 'no-unresolved',
      severity: 'error',
      comment: 'An import that resolves to nothing.',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['next-env\\.d\\.ts$', '\\.next/', '/dist/', '/bundle/', '\\.stillwatt/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
