// What launching a spec will do: how many runs and stages, and how long by this project's history.
import { createHash } from 'node:crypto';
import {
  type Experiment,
  planStages,
  type Preview,
  type RunSpec,
  type SpecResult,
  type StageKind,
  StillwattError,
} from '@stillwatt/contracts';
import { planSweep } from '@stillwatt/search';

/**
 * Runs that are resolved and whose stages are compared with each other. A larger sweep is previewed by these
 * (it is asked for with every keystroke) and checked whole when it is launched.
 */
const compared = 1000;

/** Mean wall seconds of finished stages by kind, in this project; kinds without history are absent. */
export type History = Readonly<Record<string, number>>;

/** Pure: the same spec and history give the same answer. */
export function previewSpec(read: SpecResult<Experiment>, history: History): Preview {
  if (!read.ok) return refused(read.issues);
  try {
    const plan = planSweep(read.spec);
    const looked = Math.min(plan.size, compared);
    const distinct = new Map<string, StageKind>();
    let stages = 0;
    for (let i = 0; i < looked; i++) {
      for (const [identity, kind] of stageIdentities(plan.cell(i).spec, i)) {
        stages += 1;
        distinct.set(identity, kind);
      }
    }
    const scale = looked === 0 ? 0 : plan.size / looked;
    const seconds = estimateSeconds([...distinct.values()], history);
    return {
      runs: plan.size,
      stages: Math.round(stages * scale),
      sharedStages: Math.round((stages - distinct.size) * scale),
      estimatedSeconds: seconds === null ? null : seconds * scale,
      issues: [],
    };
  } catch (error) {
    if (!(error instanceof StillwattError) || error.code !== 'SPEC_INVALID') throw error;
    const { path = '', message, fix = 'change the sweep' } = error;
    return refused([{ path, reason: message, fix }]);
  }
}

function refused(issues: Preview['issues']): Preview {
  return { runs: 0, stages: 0, sharedStages: 0, estimatedSeconds: null, issues };
}

/** What a stage computes, by its own part of the spec and what its inputs compute: equal ones run once. */
function stageIdentities(spec: RunSpec, run: number): [string, StageKind][] {
  const identities = new Map<string, string>();
  return planStages(spec).map(({ name, kind, config, inputs, reusable }) => {
    const from = Object.entries(inputs).map(([role, stage]) => [role, identities.get(stage)]);
    const whole = JSON.stringify([kind, config, from, reusable ? null : run]);
    const identity = createHash('sha256').update(whole).digest('base64');
    identities.set(name, identity);
    return [identity, kind];
  });
}

/** Seconds of these stages one after another; null if one of their kinds was never measured. */
function estimateSeconds(kinds: readonly StageKind[], history: History): number | null {
  let seconds = 0;
  for (const kind of kinds) {
    const usual = history[kind];
    if (usual === undefined) return null;
    seconds += usual;
  }
  return seconds;
}
