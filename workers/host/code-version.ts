// What computes: the part of a content key that changes when the engine does.
import type { EngineIdentity } from '@stillwatt/activities';
import { sourceHash } from './source-hash.ts';

/** Packages whose code can change a stage's result. */
const computing = ['workers/engine', 'workers/stage'];

export function readEngineIdentity(): EngineIdentity {
  // Until native kernels come, TensorFlow computes everything; its results differ between architectures.
  return { codeVersion: sourceHash(computing), kernels: `tensorflow-${process.arch}` };
}
