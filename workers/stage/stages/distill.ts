// Stage distill: a smaller student taught by the teacher.
import { distill } from '@stillwatt/engine';
import type { RunStage } from '../context.ts';
import { loadDataset, loadModelArtifact, modelFiles } from '../inputs.ts';
import { runtimeOf } from '../runtime.ts';
import { logTrained, trainingHooks } from '../training.ts';

export const runDistill: RunStage<'distill'> = async (context) => {
  const { config, store } = context;
  const { checkpointEverySteps, ...options } = config.distill;
  const { inhibitor, ...shape } = config.student;
  const dataset = await loadDataset(store, context.input('dataset'));
  const teacher = await loadModelArtifact(store, context.input('teacher'));
  const backend = await context.openBackend(config.backend);
  const trained = await distill({
    backend,
    teacher: teacher.model,
    dataset,
    student: { ...shape, inhibitor },
    calibrate: inhibitor?.calibrate ?? true,
    options: { ...options, maxLength: config.maxLength },
    seed: config.seed,
    ...(await trainingHooks(context, checkpointEverySteps)),
  });
  for (const [layer, { alpha, gamma, relativeError }] of (trained.calibration ?? []).entries()) {
    const rest = `${(100 * relativeError).toFixed(1)} % of the teacher's context left to learn`;
    context.events.log('info', `layer ${layer} starts with α ${alpha}, γ ${gamma}: ${rest}`);
  }
  logTrained(context, trained);
  const { files, model } = modelFiles({ ...teacher, model: trained.model });
  return {
    kind: 'model',
    files,
    summary: { loss: trained.loss, steps: trained.steps, truncated: trained.truncated, model },
    runtime: runtimeOf(backend, trained.model),
  };
};
