// First activities of runs and sweeps: their rows, and what must be known before anything starts.
import {
  type Activities,
  checkExperiment,
  type Experiment,
  openSweepInputSchema,
  planStages,
  type RunInput,
  runInputSchema,
} from '@stillwatt/contracts';
import type { ActivityDeps } from './deps.ts';

type PlanDeps = Pick<ActivityDeps, 'db' | 'autoThreads'>;

export function createPlanActivities(deps: PlanDeps): Pick<Activities, 'openRun' | 'openSweep'> {
  const { db, autoThreads } = deps;

  return {
    async openRun(input) {
      const run = runInputSchema.parse(input);
      if (run.sweepId === null) await db.experiments.save(run.projectId, fileOf(run));
      await db.runs.insert(run, planStages(run.spec));
      await db.runs.setState(run.runId, { state: 'running' });
      const { threads } = run.spec.resources;
      return { threads: threads === 'auto' ? autoThreads : threads };
    },

    async openSweep(input) {
      const { sweep, planned } = openSweepInputSchema.parse(input);
      await db.experiments.save(sweep.projectId, sweep.spec);
      await db.sweeps.insert(sweep, { planned });
    },
  };
}

/** The experiment file that means this one run. */
function fileOf({ spec }: RunInput): Experiment {
  const { seed, ...parts } = spec;
  const checked = checkExperiment({ ...parts, seeds: [seed] });
  if (!checked.ok) throw new Error(`a checked run became invalid: ${checked.issues[0]?.reason}`);
  return checked.spec;
}
