// What the engine ran with, for provenance.
import {
  type Backend,
  describeInference,
  describeRuntime,
  engineVersion,
  type Model,
} from '@stillwatt/engine';
import type { StageOutput } from './context.ts';

export function runtimeOf(backend: Backend, model: Model): StageOutput['runtime'] {
  return { ...describeRuntime(backend, model), engine: engineVersion };
}

/** Of a stage that ran a model and trained none. */
export function inferenceRuntimeOf(backend: Backend, model: Model): StageOutput['runtime'] {
  return { ...describeInference(backend, model), engine: engineVersion };
}

/** Of a stage that computed no model. */
export const noBackend: StageOutput['runtime'] = {
  tensorflow: 'not used',
  kernels: 'not used',
  engine: engineVersion,
};
