// The one place where a backend is chosen by name.
import type { Backend } from './backend.ts';

export const backendNames = ['tfjs'] as const;
export type BackendName = (typeof backendNames)[number];

const modules: Record<BackendName, () => Promise<{ open(threads: number): Promise<Backend> }>> = {
  tfjs: () => import('./tfjs/backend.ts'),
};

/** Loads a backend (TensorFlow takes a second) with so many threads; close it at the end. */
export async function openBackend(name: BackendName, threads: number): Promise<Backend> {
  const { open } = await modules[name]();
  return open(threads);
}
