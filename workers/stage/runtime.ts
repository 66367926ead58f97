// What the engine ran with, for provenance.
import { describeRuntime, engineVersion, type Model } from '@stillwatt/engine';
import type { StageOutput } from './context.ts';

/** `null`: the stage used no model, so no kernel ran. */
export function runtimeOf(model: Model | null): StageOutput['runtime'] {
  if (model === null) return { tensorflow: 'not used', kernels: 'not used', engine: engineVersion };
  return { ...describeRuntime(model), engine: engineVersion };
}
