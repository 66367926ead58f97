// The one place where a backend is chosen by name.
import type { BackendName } from '@stillwatt/contracts';
import type { Backend, BackendOptions } from './backend.ts';

const modules: Record<
  BackendName,
  () => Promise<{ open(options: BackendOptions): Promise<Backend> }>
> = {
  native: () => import('./native/backend.ts'),
  tfjs: () => import('./tfjs/backend.ts'),
};

/**
 * Loads a backend (TensorFlow takes a second); close it at the end. PREREQUISITE_MISSING where this
 * machine cannot run it, INPUT_INVALID for an unknown variant.
 */
export async function openBackend(name: BackendName, options: BackendOptions): Promise<Backend> {
  const { open } = await modules[name]();
  return open(options);
}
