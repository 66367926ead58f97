// The environment as set-up reads it, and the folders that follow from it.
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** @typedef {ReturnType<typeof readEnv>} SetupEnv */

/** @param {NodeJS.ProcessEnv} env */
export function readEnv(env = process.env) {
  const cacheHome = env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  return {
    /** Every download of set-up, shared by all checkouts of this user. */
    cache: path.resolve(env.STILLWATT_CACHE || path.join(cacheHome, 'stillwatt')),
    compiler: env.CXX || 'g++',
    python: env.PYTHON || 'python3',
    chromium: env.STILLWATT_CHROMIUM || '/usr/bin/chromium',
    /** `npm/10.8.2 node/v20.20.2 linux x64`: set when npm started us, saves asking npm itself. */
    npmAgent: env.npm_config_user_agent ?? '',
    isTerminal: Boolean(process.stderr.isTTY) && !env.CI,
    /** Handed to every command. Without our own node_modules/.bin, so that npm is the user's npm. */
    inherited: { ...env, PATH: withoutOwnBin(env.PATH ?? '') },
  };
}

/** npm puts node_modules/.bin first in PATH; during `npm ci` what is in it comes and goes.
 * @param {string} searchPath */
export function withoutOwnBin(searchPath) {
  const own = path.join(root, 'node_modules');
  const parts = searchPath.split(path.delimiter);
  return parts.filter((part) => !path.resolve(part).startsWith(own)).join(path.delimiter);
}

/** Folders of one cache. @param {string} cache */
export function cacheFolders(cache) {
  return {
    downloads: path.join(cache, 'downloads'),
    parts: path.join(cache, 'parts'),
    sources: path.join(cache, 'sources'),
    logs: path.join(cache, 'logs'),
    temporary: path.join(cache, 'tmp'),
    builds: path.join(cache, 'cargo'),
    lock: path.join(cache, 'setup.lock'),
  };
}

/** Stamps of this checkout: `npm ci` wipes them together with what they vouch for. */
export const stamps = path.join(root, 'node_modules/.stillwatt');
