// Step: Node 22 as node_modules/.bin/node, which npm scripts find first.
import { existsSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { run } from '../command.mjs';
import { cacheFolders, root } from '../env.mjs';
import { SetupError } from '../errors.mjs';
import { fetchFromNpm, unpack } from '../fetch.mjs';
import { node as pin } from '../pins.mjs';

// The package `node` gets its binary with an npm install of its own, from an install script: neither
// pinned by hash nor possible with ignore-scripts, and an npm inside our npm would prune the tree.
// So the binary package it would choose is taken here, and linked where `node` expects it.
const packageBin = path.join(root, 'node_modules/node/bin/node');
const link = path.join(root, 'node_modules/.bin/node');

/** @param {string} cache */
export function nodeBinary(cache) {
  return path.join(cacheFolders(cache).parts, `node-${pin.version}`, 'bin/node');
}

/** @type {import('../steps.mjs').Step} */
export const node = {
  name: 'node',
  title: `Node ${pin.version}`,
  downloadMb: pin.downloadMb,
  diskMb: pin.downloadMb + pin.unpackedMb,
  purposes: ['demo', 'test', 'check'],

  missing(env) {
    const binary = nodeBinary(env.cache);
    if (!existsSync(binary)) return 'the binary is not in the cache';
    if (!pointsTo(packageBin, binary)) return 'node_modules/node has no binary';
    return pointsTo(link, packageBin) ? null : 'node_modules/.bin has no node';
  },

  async run(context) {
    const binary = nodeBinary(context.env.cache);
    if (!existsSync(binary)) {
      const archive = await fetchFromNpm(context, pin);
      await unpack(context, archive, path.resolve(binary, '../..'), {
        rules: [
          { match: 'package/bin/node', to: 'bin/node', executable: true },
          { match: 'package/LICENSE', to: 'LICENSE' },
        ],
        finish: (folder) => mustRun(path.join(folder, 'bin/node'), context.env),
      });
    }
    linkTo(packageBin, binary);
    linkTo(link, path.relative(path.dirname(link), packageBin));
  },
};

/** @param {string} binary @param {import('../env.mjs').SetupEnv} env */
async function mustRun(binary, env) {
  const { code, stdout, tail } = await run(binary, ['--version'], { env: env.inherited });
  if (code === 0 && stdout.trim() === `v${pin.version}`) return;
  throw new SetupError(
    `Node ${pin.version} does not start here: ${tail}`,
    'it needs Linux x64 with glibc 2.28 or newer',
  );
}

/** @param {string} from @param {string} target */
function pointsTo(from, target) {
  try {
    return path.resolve(path.dirname(from), readlinkSync(from)) === target;
  } catch {
    return false;
  }
}

/** @param {string} from @param {string} target */
function linkTo(from, target) {
  mkdirSync(path.dirname(from), { recursive: true });
  rmSync(from, { force: true });
  symlinkSync(target, from);
}
