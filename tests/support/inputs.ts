// Inputs of workflows for tests: fresh ids, and specs from the parts that matter.
import { randomBytes } from 'node:crypto';
import {
  checkExperiment,
  checkRunSpec,
  type Experiment,
  type IdNoun,
  makeId,
  type RunInput,
  type RunSpec,
  type SweepInput,
} from '@stillwatt/contracts';

export function freshId(noun: IdNoun): string {
  return makeId(noun, randomBytes(12));
}

type Parts = Record<string, unknown>;

export function experimentOf(parts: Parts): Experiment {
  const checked = checkExperiment({ experiment: 'test', ...parts });
  if (!checked.ok) throw new Error(JSON.stringify(checked.issues));
  return checked.spec;
}

export function runSpecOf(parts: Parts): RunSpec {
  const checked = checkRunSpec({ experiment: 'test', seed: 1, ...parts });
  if (!checked.ok) throw new Error(JSON.stringify(checked.issues));
  return checked.spec;
}

export function runInputOf(projectId: string, parts: Parts): RunInput {
  const spec = runSpecOf(parts);
  const runId = freshId('run');
  return { projectId, requestedBy: null, runId, sweepId: null, cell: {}, spec };
}

export function sweepInputOf(projectId: string, parts: Parts): SweepInput {
  return { projectId, requestedBy: null, sweepId: freshId('sweep'), spec: experimentOf(parts) };
}
