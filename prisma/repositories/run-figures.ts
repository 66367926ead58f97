// What the runs table shows of a run's stages: its models with their figures, its progress and the estimate of the rest.
import {
  isFinal,
  type ModelRole,
  type ModelRow,
  modelRoles,
  type StageKind,
} from '@stillwatt/contracts';
import type { StageFigures } from './stage-rows.ts';

/** Stage kind → role of the model it makes. */
const makers: Partial<Record<string, ModelRole>> = {
  teacher: 'teacher',
  distill: 'student',
  quantize: 'quantized',
};

/** One row per model that has been made; figures that are not there yet are null. */
export function modelRows(stages: readonly StageFigures[]): ModelRow[] {
  return modelRoles.flatMap((role) => {
    const maker = stages.find((stage) => makers[stage.kind] === role);
    const model = maker?.summary?.model;
    if (!maker?.outputDigest || !model) return [];
    const evaluation = stages.find((stage) => stage.kind === 'evaluate' && stage.model === role);
    const profile = stages.find((stage) => stage.kind === 'profile' && stage.model === role);
    return [
      {
        role,
        ...model,
        digest: maker.outputDigest,
        metrics: evaluation?.summary?.metrics ?? null,
        n: evaluation?.summary?.n ?? null,
        latency: profile?.summary?.latency ?? null,
        peakRssBytes: profile?.peakRssBytes ?? null,
        profiledBy: profile?.ownerPath ?? null,
      },
    ];
  });
}

/** Seconds the kinds take relative to each other, roughly: used until they are measured, and only as ratios. */
const relativeSeconds: Record<StageKind, number> = {
  data: 4,
  teacher: 120,
  distill: 150,
  quantize: 3,
  evaluate: 8,
  profile: 15,
};

/**
 * Share of the work that is done (0…1) and seconds of what is left, one stage after another.
 * A kind without history weighs what its kind usually does, and leaves the seconds unknown until it runs.
 */
export function runProgress(
  stages: readonly StageFigures[],
  typicalSeconds: Readonly<Record<string, number>>,
): { progress: number; etaSeconds: number | null } {
  const speed = speedOf(typicalSeconds);
  let doneWork = 0;
  let allWork = 0;
  let etaSeconds: number | null = 0;
  for (const stage of stages) {
    const weight = Math.max(
      typicalSeconds[stage.kind] ?? relativeSeconds[stage.kind] * speed,
      1e-3,
    );
    const share = shareDone(stage);
    doneWork += weight * share;
    allWork += weight;
    if (isFinal(stage.state)) continue;
    const typical = typicalSeconds[stage.kind];
    const rest: number | null =
      stage.etaSeconds ?? (typical === undefined ? null : typical * (1 - share));
    etaSeconds = etaSeconds === null || rest === null ? null : etaSeconds + rest;
  }
  return { progress: allWork === 0 ? 0 : doneWork / allWork, etaSeconds };
}

/** Seconds per relative second, by the kinds that have history; 1 without any. */
function speedOf(typicalSeconds: Readonly<Record<string, number>>): number {
  let took = 0;
  let relative = 0;
  for (const [kind, seconds] of Object.entries(typicalSeconds)) {
    took += seconds;
    relative += relativeSeconds[kind as StageKind];
  }
  return relative > 0 ? took / relative : 1;
}

function shareDone({ state, done, total }: StageFigures): number {
  if (state === 'succeeded' || state === 'cached') return 1;
  if (done === null || total === null || total <= 0) return 0;
  return Math.min(done / total, 1);
}
