// The one list of attention kernels; a run records the names of those that computed.
import type { AttentionConfig } from '../models/config.ts';
import type { AttentionKernel } from './attention.ts';
import { dotAttention } from './dot-attention.ts';
import { inhibitorAttention } from './inhibitor-attention.ts';

/** In order of preference for each kind. */
export const attentionKernels = createRegistry([dotAttention, inhibitorAttention]);

/** A list in which every name occurs once. */
export function createRegistry(kernels: readonly AttentionKernel[]): readonly AttentionKernel[] {
  const names = new Set<string>();
  for (const { name } of kernels) {
    if (names.has(name)) throw new Error(`two kernels are called ${name}`);
    names.add(name);
  }
  return kernels;
}

/** The kernel that computes attention of a kind. */
export function selectAttention(kind: AttentionConfig['kind']): AttentionKernel {
  const kernel = attentionKernels.find((candidate) => candidate.kind === kind);
  if (!kernel) throw new Error(`no kernel for ${kind} attention`);
  return kernel;
}
