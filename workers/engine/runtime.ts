// What computes: part of every run's provenance and of the stage cache's keys.
import type { Backend } from './backends/backend.ts';
import type { Model } from './models/model.ts';

/** Raised whenever numbers may change; part of the key under which stages are cached. */
export const engineVersion = '1';

/** Libraries and kernels that compute a model. */
export function describeRuntime(
  backend: Backend,
  { config }: Model,
): { tensorflow: string; kernels: string } {
  return backend.describe(config);
}
