// Step: the Rust kernels, built once for each state of sources and compiler, kept in the cache.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { run } from '../command.mjs';
import { cacheFolders, root } from '../env.mjs';
import { SetupError } from '../errors.mjs';
import { hashOfSources, moveWhole, readIfThere, sha256OfText, writeWhole } from '../files.mjs';

const crate = path.join(root, 'workers/native');
const library = path.join(crate, 'dist/stillwatt.node');
const stamp = path.join(crate, 'dist/stillwatt.stamp');
const sources = ['Cargo.toml', 'Cargo.lock', 'kernels', 'binding'];

/** @type {import('../steps.mjs').Step} */
export const nativeKernels = {
  name: 'native-kernels',
  title: 'native kernels',
  downloadMb: 20,
  diskMb: 400,
  purposes: ['demo', 'test', 'check'],
  async missing(env) {
    if (!existsSync(library)) return 'they are not built';
    return readIfThere(stamp) === (await key(env)) ? null : 'their sources or the compiler changed';
  },
  async run({ env, progress, log }) {
    const name = await key(env);
    const { parts, builds } = cacheFolders(env.cache);
    const built = path.join(parts, 'native-kernels', `${name}.node`);
    if (!existsSync(built)) await build({ env, progress, log }, builds, built);
    mkdirSync(path.dirname(library), { recursive: true });
    // A new file: a process that has the old one mapped keeps it.
    copyFileSync(built, `${library}.tmp`);
    moveWhole(`${library}.tmp`, library);
    writeWhole(stamp, name);
  },
};

/** @param {import('../fetch.mjs').StepContext} context @param {string} target @param {string} built */
async function build({ env, progress, log }, target, built) {
  progress.note('cargo build --release');
  const result = await run('cargo', ['build', '--release', '--locked', '-p', 'stillwatt-binding'], {
    cwd: crate,
    env: { ...env.inherited, CARGO_TARGET_DIR: target },
    log,
  });
  if (result.code !== 0) {
    throw new SetupError(
      `cargo build in workers/native ended with code ${result.code}:\n${result.tail}`,
      `the whole output is in ${log}`,
    );
  }
  mkdirSync(path.dirname(built), { recursive: true });
  const temporary = `${built}.tmp`;
  copyFileSync(path.join(target, 'release/libstillwatt_binding.so'), temporary);
  moveWhole(temporary, built);
}

/** Of all that decides what the compiler makes. @param {import('../env.mjs').SetupEnv} env */
async function key(env) {
  const { stdout } = await run('rustc', ['-vV'], { cwd: crate, env: env.inherited });
  return sha256OfText(stdout, hashOfSources(crate, sources)).slice(0, 32);
}
