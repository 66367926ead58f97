// Last words: how stages, runs and sweeps ended.
import {
  type Activities,
  closeRunInputSchema,
  isFinal,
  recordStageInputSchema,
  recordSweepInputSchema,
} from '@stillwatt/contracts';
import type { ActivityDeps } from './deps.ts';

type RecordDeps = Pick<ActivityDeps, 'db' | 'telemetry'>;

export function createRecordActivities(
  deps: RecordDeps,
): Pick<Activities, 'recordStage' | 'closeRun' | 'recordSweep'> {
  const { db, telemetry } = deps;

  return {
    async recordStage(input) {
      const { path, key, state, ownerPath, result, error } = recordStageInputSchema.parse(input);
      const changed = await db.stages.setState(path, {
        state,
        key,
        // Null here: nothing is known of it, so that what the row says stays.
        ownerPath: ownerPath === path ? null : (ownerPath ?? undefined),
        result: result ?? undefined,
        error: error ?? undefined,
      });
      if (changed && state === 'cached') {
        const stage = await db.stages.get(path);
        if (stage) telemetry.cacheHit(stage.kind);
      }
    },

    async closeRun(input) {
      const { runId, state, error } = closeRunInputSchema.parse(input);
      const run = await db.runs.get(runId);
      for (const stage of run?.stages ?? []) {
        if (!isFinal(stage.state)) await db.stages.setState(stage.path, { state: 'cancelled' });
      }
      await db.runs.setState(runId, { state, error: error ?? undefined });
    },

    async recordSweep(input) {
      const { sweepId, state, error } = recordSweepInputSchema.parse(input);
      await db.sweeps.setState(sweepId, { state, error: error ?? undefined });
    },
  };
}
