// Relays what the engine reports of a training: progress, phases, metrics, checkpoints.
import type { TrainingHooks, TrainingProgress, TrainingResult } from '@stillwatt/engine';
import { createCheckpointWriter, loadCheckpoint } from './checkpoints.ts';
import type { StageContext } from './context.ts';
import { createProgress } from './progress.ts';

/** Points per curve at most: more cannot be told apart on a screen. */
const maxPoints = 2000;

export async function trainingHooks(
  context: StageContext,
  checkpointEverySteps: number,
): Promise<TrainingHooks> {
  const { events, signal } = context;
  const report = createProgress(events, 'steps');
  let phase: string | null = null;

  function onProgress(progress: TrainingProgress): void {
    if (progress.phase !== phase) {
      phase = progress.phase;
      events.print({ type: 'phase', phase });
      events.log('info', `phase ${phase}: from step ${progress.step} of ${progress.total}`);
    }
    // A function of the step alone, so that a resumed run prints the same points.
    const stride = Math.ceil(progress.total / maxPoints);
    if (progress.step % stride === 0 || progress.step === progress.total) printMetrics(progress);
    report(progress.step, progress.total);
  }

  function printMetrics({ step, loss, parts, learningRate, gradientNorm }: TrainingProgress): void {
    const values = { loss, ...parts, learningRate, gradientNorm };
    for (const [name, value] of Object.entries(values)) {
      events.print({
        type: 'metric',
        name: `${phase}/${name}`,
        step,
        value: Number.isFinite(value) ? value : null,
      });
    }
  }

  return {
    onProgress,
    onCheckpoint: createCheckpointWriter(context),
    checkpointEverySteps,
    resume: await loadCheckpoint(context),
    signal,
  };
}

export function logTrained(
  { events, config }: StageContext<'teacher' | 'distill'>,
  { steps, loss, truncated }: TrainingResult,
): void {
  const cut = `${truncated} texts were cut at ${config.maxLength} tokens`;
  events.log('info', `${steps} steps trained, last loss ${loss.toFixed(4)}; ${cut}`);
}
