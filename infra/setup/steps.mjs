// Every step of set-up, in order.
import { portal, databaseClient, workflowBundle } from './steps/builds.mjs';
import { postgres, temporal, temporalTestServer } from './steps/binaries.mjs';
import { chromium } from './steps/chromium.mjs';
import { nativeKernels } from './steps/native.mjs';
import { node } from './steps/node.mjs';
import { npmPackages } from './steps/npm-packages.mjs';
import { encoder, snippets } from './steps/sources.mjs';
import { tensorflow } from './steps/tensorflow.mjs';

/**
 * What set-up is for: the demo, the tests, or the static checks.
 * @typedef {'demo' | 'test' | 'check'} Purpose
 *
 * A step says why it has something to do (or null), and does it. Running it twice does no harm, and
 * what it makes appears whole or not at all, so that a kill at any moment costs only the step.
 * @typedef {{
 *   name: string, title: string,
 *   downloadMb: number, diskMb: number,
 *   purposes: Purpose[],
 *   missing: (env: import('./env.mjs').SetupEnv) => string | null | Promise<string | null>,
 *   run: (context: import('./fetch.mjs').StepContext) => Promise<void>,
 * }} Step
 */

/** @type {Step[]} */
export const steps = [
  npmPackages,
  node,
  tensorflow,
  temporal,
  temporalTestServer,
  postgres,
  encoder,
  snippets,
  nativeKernels,
  databaseClient,
  workflowBundle,
  portal,
  chromium,
];

/** @param {Purpose} purpose */
export function stepsFor(purpose) {
  return steps.filter((step) => step.purposes.includes(purpose));
}
