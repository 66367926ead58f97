// Step: libtensorflow in the cache, and the binding of tfjs-node compiled against it.
import { existsSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { run } from '../command.mjs';
import { cacheFolders, root } from '../env.mjs';
import { SetupError } from '../errors.mjs';
import { hashOfSources, readIfThere, sha256OfText, writeWhole } from '../files.mjs';
import { fetchFromPypi, unpack } from '../fetch.mjs';
import { tensorflow as pin } from '../pins.mjs';
import { nodeBinary } from './node.mjs';

const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
// tfjs-node looks for the newest N-API version it knows (8) that the running Node has (22 has 10).
const napi = 8;
const tfjs = path.join(root, 'node_modules/@tensorflow/tfjs-node');
const binding = path.join(tfjs, `lib/napi-v${napi}/tfjs_binding.node`);
const stamp = `${binding}.stamp`;
// The binding finds the library beside itself through this link, the place its own installer uses:
// so it holds no path of this machine, and a container image replaces the link by the files.
const libraryLink = path.join(tfjs, 'deps/lib');
const flags = ['-std=c++17', '-O2', '-fPIC', '-shared', '-w', '-DBUILDING_NODE_EXTENSION'];

/** @type {import('../steps.mjs').Step} */
export const tensorflow = {
  name: 'tensorflow',
  title: `TensorFlow ${pin.version}`,
  downloadMb: pin.downloadMb,
  diskMb: pin.downloadMb + pin.unpackedMb,
  purposes: ['demo', 'test'],

  missing(env) {
    const folder = libraryFolder(env.cache);
    if (!libraries.every((name) => existsSync(path.join(folder, 'lib', name)))) {
      return 'the library is not in the cache';
    }
    if (linkTarget() !== path.join(folder, 'lib')) return 'tfjs-node is not linked to the library';
    if (!existsSync(binding)) return 'the binding is not compiled';
    return readIfThere(stamp) === bindingKey(env.compiler)
      ? null
      : 'the binding was compiled from other sources';
  },

  async run(context) {
    const folder = libraryFolder(context.env.cache);
    if (!libraries.every((name) => existsSync(path.join(folder, 'lib', name)))) {
      const archive = await fetchFromPypi(context, pin);
      await unpack(context, archive, folder, {
        rules: [
          {
            match: String.raw`tensorflow/(libtensorflow_(?:cc|framework)\.so\.2)`,
            to: String.raw`lib/\1`,
          },
          {
            match: String.raw`tensorflow/(include/(?:tensorflow|tsl)/(?:c|platform|core/platform)/.*\.h)`,
            to: String.raw`\1`,
          },
          { match: String.raw`.*\.dist-info/(LICENSE|METADATA)`, to: String.raw`\1` },
        ],
        finish: (fresh) => strip(context, fresh),
      });
    }
    mkdirSync(path.dirname(libraryLink), { recursive: true });
    rmSync(libraryLink, { recursive: true, force: true });
    symlinkSync(path.join(folder, 'lib'), libraryLink);
    await compile(context, folder);
  },
};

/** @param {string} cache */
function libraryFolder(cache) {
  return path.join(cacheFolders(cache).parts, `tensorflow-${pin.version}`);
}

function linkTarget() {
  try {
    return readlinkSync(libraryLink);
  } catch {
    return null;
  }
}

/** What the binding is made of. @param {string} compiler */
function bindingKey(compiler) {
  const sources = hashOfSources(path.join(root, 'node_modules'), [
    '@tensorflow/tfjs-node/binding',
    '@tensorflow/tfjs-node/package.json',
    'node-api-headers/include',
  ]);
  return sha256OfText(pin.sha256, String(napi), compiler, flags.join(' '), sources);
}

/** Drops symbol tables: a quarter of the size. A machine without `strip` keeps them.
 * @param {import('../fetch.mjs').StepContext} context @param {string} folder */
async function strip({ env, log, progress }, folder) {
  const files = libraries.map((name) => path.join(folder, 'lib', name));
  const { code, missing } = await run('strip', ['--strip-unneeded', ...files], {
    env: env.inherited,
    log,
  });
  if (code !== 0) progress.note(missing ? 'no `strip` here: kept unstripped' : 'kept unstripped');
}

/** @param {import('../fetch.mjs').StepContext} context @param {string} folder */
async function compile({ env, log, progress }, folder) {
  progress.note(`compiling the binding with ${env.compiler}`);
  mkdirSync(path.dirname(binding), { recursive: true });
  const fresh = `${binding}.tmp`;
  const compiled = await run(
    env.compiler,
    [
      ...flags,
      `-DNAPI_VERSION=${napi}`,
      '-I',
      path.join(root, 'node_modules/node-api-headers/include'),
      '-I',
      path.join(folder, 'include'),
      path.join(tfjs, 'binding/tfjs_backend.cc'),
      path.join(tfjs, 'binding/tfjs_binding.cc'),
      `-L${path.join(folder, 'lib')}`,
      ...libraries.map((name) => `-l:${name}`),
      '-Wl,-rpath,$ORIGIN/../../deps/lib',
      '-o',
      fresh,
    ],
    { env: env.inherited, log },
  );
  if (compiled.code !== 0) {
    throw new SetupError(
      `${env.compiler} did not compile the TensorFlow binding:\n${compiled.tail}`,
      'install a C++17 compiler (apt-get install -y g++) or name one in CXX, then run again',
    );
  }
  renameSync(fresh, binding);
  await mustMultiply(env, log);
  writeWhole(stamp, bindingKey(env.compiler));
}

/** Loads the binding as the engine will, and checks one product.
 * @param {import('../env.mjs').SetupEnv} env @param {string} log */
async function mustMultiply(env, log) {
  const script = `const tf = require('@tensorflow/tfjs-node');
    const product = tf.matMul([[1, 2], [3, 4]], [[5, 6], [7, 8]]).arraySync();
    if (String(product) !== '19,22,43,50') throw new Error('wrong product ' + product);`;
  const { code, tail } = await run(nodeBinary(env.cache), ['--no-deprecation', '-e', script], {
    cwd: root,
    env: { ...env.inherited, TF_CPP_MIN_LOG_LEVEL: '2' },
    log,
  });
  if (code === 0) return;
  throw new SetupError(
    `the TensorFlow binding was compiled but does not work:\n${tail}`,
    'it needs a CPU with AVX and glibc 2.17 or newer; the whole output is in the log',
  );
}
