// What the user's machine must have before set-up can start, each with the command that installs it.
import { readFileSync } from 'node:fs';
import { run } from './command.mjs';
import { minimum } from './pins.mjs';

/**
 * @typedef {{ name: string, state: 'ok' | 'missing' | 'too old', found: string, fix: string }} Prerequisite
 * @typedef {import('./env.mjs').SetupEnv} SetupEnv
 */

const nodeFix = 'install Node 22 from nodejs.org, or: npx n 22';
const pythonFix = 'apt-get install -y python3 python3-pip';
const rustFix =
  'curl https://sh.rustup.rs -sSf | sh -s -- -y   (with an older Rust: rustup update stable)';

/** All of them, checked at once. @param {SetupEnv} env @returns {Promise<Prerequisite[]>} */
export async function checkPrerequisites(env) {
  const [npm, python, pip, compiler, cargo] = await Promise.all([
    env.npmAgent.startsWith('npm/') ? `${env.npmAgent}` : versionOf(env, 'npm', ['--version']),
    versionOf(env, env.python, ['--version']),
    versionOf(env, env.python, ['-m', 'pip', '--version']),
    versionOf(env, env.compiler, ['--version']),
    versionOf(env, 'cargo', ['--version']),
  ]);
  return [
    platform(process.platform, process.arch, cpuFlags()),
    judge('Node', process.version, minimum.node, nodeFix),
    judge('npm', npm, null, nodeFix),
    judge('Python', python, minimum.python, pythonFix),
    judge('pip', pip, null, pythonFix),
    judge('C++ compiler', compiler, null, 'apt-get install -y g++'),
    judge('Rust', cargo, minimum.rust, rustFix),
  ];
}

/** First line a tool prints about its version, or null. @param {SetupEnv} env @param {string} command @param {string[]} args */
async function versionOf(env, command, args) {
  const { code, stdout } = await run(command, args, { env: env.inherited });
  return code === 0 ? (stdout.split('\n')[0] ?? '').trim() : null;
}

/**
 * @param {string} name @param {string | null} found @param {string | null} least @param {string} fix
 * @returns {Prerequisite}
 */
export function judge(name, found, least, fix) {
  if (found === null) return { name, state: 'missing', found: 'not found', fix };
  if (least !== null && !isAtLeast(found, least)) {
    return { name, state: 'too old', found: `${found}, needs ${least} or newer`, fix };
  }
  return { name, state: 'ok', found, fix: '' };
}

/** @param {string} os @param {string} arch @param {string} flags @returns {Prerequisite} */
export function platform(os, arch, flags) {
  const found = `${os} ${arch}`;
  const name = 'Linux x64';
  if (os !== 'linux' || arch !== 'x64') {
    return { name, state: 'missing', found, fix: 'use a Linux x64 machine, container or WSL 2' };
  }
  if (!/\bavx\b/.test(flags)) {
    const fix = 'use a CPU (or a virtual machine setting) with AVX: TensorFlow needs it';
    return { name, state: 'missing', found: `${found} without AVX`, fix };
  }
  return { name, state: 'ok', found, fix: '' };
}

function cpuFlags() {
  try {
    return /^flags.*$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[0] ?? '';
  } catch {
    return '';
  }
}

/** True if the first dotted number in `text` is at least `least`. @param {string} text @param {string} least */
export function isAtLeast(text, least) {
  const have = /\d+(?:\.\d+)*/.exec(text)?.[0].split('.').map(Number) ?? [];
  for (const [index, want] of least.split('.').map(Number).entries()) {
    const part = have[index] ?? 0;
    if (part !== want) return part > want;
  }
  return true;
}
