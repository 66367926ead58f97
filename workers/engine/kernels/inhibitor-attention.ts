// Inhibitor attention as a kernel: tensors in and out of the typed-array core.
import * as tf from '@tensorflow/tfjs-node';
import type {
  AttentionForward,
  AttentionGradient,
  AttentionInput,
  AttentionKernel,
  InhibitorScalars,
} from './attention.ts';
import {
  type InhibitorGradientJob,
  inhibitorForward,
  inhibitorGradient,
  type InhibitorJob,
} from './inhibitor-core.ts';

export const inhibitorAttention: AttentionKernel = {
  name: 'inhibitor-js',
  kind: 'inhibitor',
  forward,
};

function forward(input: AttentionInput, keep: boolean): AttentionForward {
  const { shape } = input;
  const job = createJob(input, keep);
  const { batch, tokens, heads, features } = shape;
  inhibitorForward(job, 0, batch * heads);
  return {
    context: tf.tensor2d(job.context, [batch * tokens, heads * features]),
    dispose: () => undefined, // typed arrays: the garbage collector's
    gradient: (contextGradient) => gradient(job, contextGradient),
  };
}

function gradient(job: InhibitorJob, contextGradient: tf.Tensor2D): AttentionGradient {
  if (job.distances.length === 0) throw new Error('this forward pass kept nothing for a gradient');
  const { batch, tokens, heads, features, projected, beta } = job;
  const full: InhibitorGradientJob = {
    ...job,
    contextGradient: contextGradient.dataSync() as Float32Array,
    projectedGradient: new Float32Array(projected.length),
    scalarGradients: new Float64Array(batch * heads * 3),
  };
  inhibitorGradient(full, 0, batch * heads);
  return {
    projected: tf.tensor2d(full.projectedGradient, [batch * tokens, 3 * heads * features]),
    scalars: sumScalars(full.scalarGradients, heads, beta.length),
  };
}

function createJob(input: AttentionInput, keep: boolean): InhibitorJob {
  const { shape, config, scalars } = input;
  if (config.kind !== 'inhibitor' || !scalars) throw new Error('not an inhibitor layer');
  const { batch, tokens, heads, features } = shape;
  return {
    ...shape,
    ...scalars,
    centerOverAll: config.centerOver === 'all',
    divideByKeys: config.normalise === 'validKeys',
    qkGradient: config.qkGradient,
    lengths: input.lengths,
    projected: input.projected.dataSync() as Float32Array,
    context: new Float32Array(batch * tokens * heads * features),
    distances: new Float32Array(keep ? batch * heads * tokens * tokens : 0),
  };
}

/** Sums over sequences (and heads) in a fixed order. */
function sumScalars(items: Float64Array, heads: number, betas: number): InhibitorScalars {
  const beta = new Float64Array(betas);
  let [alpha, gamma] = [0, 0];
  for (let item = 0; item * 3 < items.length; item++) {
    alpha += items[item * 3]!;
    beta[betas === 1 ? 0 : item % heads]! += items[item * 3 + 1]!;
    gamma += items[item * 3 + 2]!;
  }
  return { alpha, beta: Float32Array.from(beta), gamma };
}
