// Stage teacher: a pretrained encoder fine-tuned on the data set.
import { trainTeacher } from '@stillwatt/engine';
import type { RunStage } from '../context.ts';
import { loadDataset, loadModelSource, modelFiles } from '../inputs.ts';
import { runtimeOf } from '../runtime.ts';
import { logTrained, trainingHooks } from '../training.ts';

export const runTeacher: RunStage<'teacher'> = async (context) => {
  const { config, store, cache } = context;
  const { checkpointEverySteps, ...options } = config.teacher.finetune;
  const dataset = await loadDataset(store, context.input('dataset'));
  const pretrained = await loadModelSource(config.teacher.model, cache);
  const backend = await context.openBackend(config.backend);
  const trained = await trainTeacher({
    backend,
    model: pretrained.model,
    dataset,
    options: { ...options, maxLength: config.maxLength },
    seed: config.seed,
    ...(await trainingHooks(context, checkpointEverySteps)),
  });
  logTrained(context, trained);
  const { files, model } = modelFiles({ ...pretrained, model: trained.model });
  return {
    kind: 'model',
    files,
    summary: { loss: trained.loss, steps: trained.steps, truncated: trained.truncated, model },
    runtime: runtimeOf(backend, trained.model),
  };
};
