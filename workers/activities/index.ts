// All activities over their dependencies, with every error translated for Temporal.
import type { Activities } from '@stillwatt/contracts';
import type { ActivityDeps } from './deps.ts';
import { translatingFailures } from './failures.ts';
import { createFindActivities } from './find-stage.ts';
import { createPlanActivities } from './plan.ts';
import { createRecordActivities } from './record.ts';
import { createRequestActivities } from './request-stage.ts';
import { createStageActivities } from './run-stage.ts';
import { createKeyActivities } from './stage-key.ts';

export type { ActivityDeps, EngineIdentity, Logger, StageStarter, Telemetry } from './deps.ts';

export function createActivities(deps: ActivityDeps): Activities {
  return translatingFailures({
    ...createPlanActivities(deps),
    ...createKeyActivities(deps),
    ...createFindActivities(deps),
    ...createRequestActivities(deps),
    ...createStageActivities(deps),
    ...createRecordActivities(deps),
  });
}
