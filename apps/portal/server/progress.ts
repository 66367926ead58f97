// How far a run is and how long the rest takes: stages weighted by what such stages took before.
import { isFinal, type StageKind, type StageState } from '@stillwatt/contracts';

/** Seconds a stage of each kind takes relative to the others, where a project has no history. */
const usualSeconds: Record<StageKind, number> = {
  data: 4,
  teacher: 120,
  distill: 150,
  quantize: 3,
  evaluate: 8,
  profile: 15,
};

export interface StageProgress {
  kind: StageKind;
  state: StageState;
  /** Work done and in all, in any one unit; null before the stage says. */
  done: number | null;
  total: number | null;
  /** The stage's own estimate. */
  etaSeconds: number | null;
  /** Seconds it took, for a finished stage. */
  wallSeconds: number | null;
}

/** Mean wall seconds of finished stages by kind, in this project; kinds without history are absent. */
export type History = Partial<Record<StageKind, number>>;

export interface Progress {
  /** Share of the stages' work that is done, 0…1. */
  progress: number;
  /** Null where nothing measured says how long the rest takes, and when nothing is left. */
  etaSeconds: number | null;
}

export function runProgress(stages: readonly StageProgress[], history: History): Progress {
  const weights = stages.map((stage) => history[stage.kind] ?? usualSeconds[stage.kind]);
  const all = sum(weights);
  if (all === 0) return { progress: 0, etaSeconds: null };
  const done = sum(stages.map((stage, i) => (weights[i] ?? 0) * doneShare(stage)));
  return { progress: Math.min(1, done / all), etaSeconds: eta(stages, history) };
}

/** Seconds a plan takes by history; null if one of its kinds was never measured. */
export function estimateSeconds(kinds: readonly StageKind[], history: History): number | null {
  let seconds = 0;
  for (const kind of kinds) {
    const usual = history[kind];
    if (usual === undefined) return null;
    seconds += usual;
  }
  return seconds;
}

function eta(stages: readonly StageProgress[], history: History): number | null {
  const open = stages.filter((stage) => !isFinal(stage.state));
  if (open.length === 0) return null;
  const speed = speedOf(stages, history);
  let seconds = 0;
  for (const stage of open) {
    const usual = history[stage.kind] ?? (speed === null ? null : usualSeconds[stage.kind] * speed);
    if (stage.state === 'running' && stage.etaSeconds !== null) seconds += stage.etaSeconds;
    else if (usual === null) return null;
    else seconds += usual * (1 - doneShare(stage));
  }
  return seconds;
}

/** How much slower than usual this machine is, by the stages of this run that ran; null if none did. */
function speedOf(stages: readonly StageProgress[], history: History): number | null {
  let took = 0;
  let usual = 0;
  for (const stage of stages) {
    if (stage.state === 'succeeded' && stage.wallSeconds !== null) {
      took += stage.wallSeconds;
      usual += usualSeconds[stage.kind];
    }
  }
  if (usual > 0) return took / usual;
  for (const [kind, seconds] of Object.entries(history) as [StageKind, number][]) {
    took += seconds;
    usual += usualSeconds[kind];
  }
  return usual > 0 ? took / usual : null;
}

function doneShare(stage: StageProgress): number {
  if (stage.state === 'succeeded' || stage.state === 'cached') return 1;
  if (stage.done === null || stage.total === null || stage.total <= 0) return 0;
  return Math.min(1, Math.max(0, stage.done / stage.total));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
