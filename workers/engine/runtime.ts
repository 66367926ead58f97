// What computes: part of every run's provenance and of the stage cache's keys.
import { tensorflowVersion } from './kernels/backend.ts';
import { selectAttention } from './kernels/registry.ts';
import type { Model } from './models/model.ts';

/** Raised whenever numbers may change; part of the key under which stages are cached. */
export const engineVersion = '1';

/** Library and kernels that compute a model. Threads are the process's TF_NUM_INTRAOP_THREADS. */
export function describeRuntime(model: Model): { tensorflow: string; kernels: string } {
  const { attention, quantization } = model.config;
  const linear = quantization === null ? 'linear-tfjs' : 'int8-linear-tfjs';
  const kernels = [selectAttention(attention.kind).name, linear].join(' ');
  return { tensorflow: tensorflowVersion(), kernels };
}
