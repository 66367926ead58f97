// The content key of a stage: equal keys have equal results, so one computation serves all.
import { createHash } from 'node:crypto';
import { type Activities, type KeyStageInput, keyStageInputSchema } from '@stillwatt/contracts';
import type { ActivityDeps, EngineIdentity } from './deps.ts';

/** Raise it when the meaning of a key changes, so that old results are not found under new keys. */
const keyVersion = 1;

/** `teacher-` and SHA-256 over everything that can change the stage's result. */
export function stageKey(input: KeyStageInput, engine: EngineIdentity): string {
  const { plan, inputs, threads, runId } = input;
  const content = canonical({
    version: keyVersion,
    kind: plan.kind,
    config: plan.config,
    inputs,
    engine: engine.codeVersion,
    kernels: engine.kernels,
    threads,
    // A new measurement is wanted: nobody else's key may be equal.
    run: plan.reusable ? null : runId,
  });
  return `${plan.kind}-${createHash('sha256').update(content).digest('hex')}`;
}

/** JSON with sorted keys and without absent values: the order in which a file was written does not count. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`);
  return `{${entries.join(',')}}`;
}

export function createKeyActivities(
  deps: Pick<ActivityDeps, 'engine'>,
): Pick<Activities, 'keyStage'> {
  return {
    async keyStage(input) {
      return stageKey(keyStageInputSchema.parse(input), deps.engine);
    },
  };
}
