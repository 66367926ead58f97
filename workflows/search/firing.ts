// What a firing of a schedule launches has an id that whoever knows the firing can tell.
import { type Experiment, makeId } from '@stillwatt/contracts';
import { sha256 } from './hash.ts';
import { isSweep } from './plan.ts';

/**
 * Id of the run or sweep that a firing launches.
 * @param executionId Temporal's id of the firing's first execution
 */
export function firingId(spec: Experiment, scheduleId: string, executionId: string): string {
  return makeId(isSweep(spec) ? 'sweep' : 'run', sha256(`${scheduleId}/${executionId}`));
}
