// What an attention kernel of this backend is, and how one is found.
import type * as tf from '@tensorflow/tfjs-node';
import type { AttentionConfig } from '../../models/config.ts';
import type { AttentionInput, InhibitorScalars } from '../attention.ts';

export interface KernelInput extends AttentionInput {
  readonly projected: tf.Tensor;
}

export interface AttentionKernel<Saved extends object = object> {
  /** Recorded with every run: `inhibitor-js`. */
  readonly name: string;
  readonly kind: AttentionConfig['kind'];
  /** `keep` says that a gradient will be asked for. */
  forward(input: KernelInput, keep: boolean): { context: tf.Tensor; saved: Saved | null };
  gradient(
    saved: Saved,
    contextGradient: tf.Tensor,
  ): { projected: tf.Tensor; scalars?: InhibitorScalars | undefined };
}

/** Finds the kernel of a kind among kernels in order of preference; every name occurs once. */
export function createRegistry(
  kernels: readonly AttentionKernel[],
): (kind: AttentionConfig['kind']) => AttentionKernel {
  const names = new Set<string>();
  for (const { name } of kernels) {
    if (names.has(name)) throw new Error(`two kernels are called ${name}`);
    names.add(name);
  }
  return (kind) => {
    const kernel = kernels.find((candidate) => candidate.kind === kind);
    if (!kernel) throw new Error(`no kernel for ${kind} attention`);
    return kernel;
  };
}
