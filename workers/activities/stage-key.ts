// The content key of a stage: equal keys have equal results, so one computation serves all.
import { createHash } from 'node:crypto';
import { canonicalJson } from '@stillwatt/artifacts';
import { type Activities, type KeyStageInput, keyStageInputSchema } from '@stillwatt/contracts';
import type { ActivityDeps, EngineIdentity } from './deps.ts';

/** Raise it when the meaning of a key changes, so that old results are not found under new keys. */
const keyVersion = 1;

/** `teacher-` and SHA-256 over everything that can change the stage's result. */
export function stageKey(input: KeyStageInput, engine: EngineIdentity): string {
  const { plan, inputs, threads, runId } = input;
  const content = canonicalJson({
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

export function createKeyActivities(
  deps: Pick<ActivityDeps, 'engine'>,
): Pick<Activities, 'keyStage'> {
  return {
    async keyStage(input) {
      return stageKey(keyStageInputSchema.parse(input), deps.engine);
    },
  };
}
