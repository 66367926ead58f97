// What computes: part of every run's provenance and of the stage cache's keys.
import type { Backend } from './backends/backend.ts';
import type { Model } from './models/model.ts';

/** Raised whenever numbers may change; part of the key under which stages are cached. */
export const engineVersion = '1';

export interface Runtime {
  readonly tensorflow: string;
  readonly kernels: string;
}

/** Libraries and kernels that compute a model in training. */
export function describeRuntime(backend: Backend, { config }: Model): Runtime {
  return backend.describe(config);
}

/** Those that compute it in evaluation and profiling: whole where the backend can. */
export function describeInference(backend: Backend, { config }: Model): Runtime {
  const { kernels } = backend;
  if (!kernels) return backend.describe(config);
  const isInt8 = config.quantization !== null;
  const names = [
    `encoder-${isInt8 ? 'int8' : 'f32'}-${config.attention.kind}`,
    isInt8 ? 'linear-stillwatt-u8i8' : `linear-${kernels.gemm}`,
    kernels.variant,
    `${kernels.threads} threads`,
  ];
  return { tensorflow: 'not used', kernels: names.join(' ') };
}
