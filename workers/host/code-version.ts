// What computes: the part of a content key that changes when the engine does.
import type { EngineIdentity } from '@stillwatt/activities';
import { sourceHash } from './source-hash.ts';

/** Packages whose code can change a stage's result. */
const computing = ['workers/native', 'workers/engine', 'workers/stage'];

/** `variant` of the native kernels, if one is forced: it has results of its own. */
export function readEngineIdentity(variant: string | undefined): EngineIdentity {
  // Matrix products differ in their last bits between architectures.
  return {
    codeVersion: sourceHash(computing),
    kernels: [process.arch, ...(variant === undefined ? [] : [variant])].join('-'),
  };
}
