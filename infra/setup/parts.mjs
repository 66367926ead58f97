// Where the parts are: written for the supervisor and the tests, which must not know set-up's layout.
import { cacheFolders } from './env.mjs';
import { nodeBinary } from './steps/node.mjs';
import { temporalBinary, temporalTestServerBinary } from './steps/binaries.mjs';

/** @param {import('./env.mjs').SetupEnv} env */
export function partPaths(env) {
  return {
    cache: env.cache,
    sources: cacheFolders(env.cache).sources,
    node: nodeBinary(env.cache),
    temporal: temporalBinary(env.cache),
    temporalTestServer: temporalTestServerBinary(env.cache),
    chromium: env.chromium,
  };
}
