// A run at toy size on a toy model and toy data: seconds, not minutes, and every stage real.
import { join } from 'node:path';
import type { RunSpec } from '@stillwatt/contracts';
import { runSpecOf } from './inputs.ts';
import { toySchema, writeToyData } from './toy-data.ts';
import { writeToyModel } from './toy-model.ts';

/** Writes model and data below `folder` and gives the parts of a spec that uses them. */
export function makeToy(folder: string, attention: 'dot' | 'inhibitor' = 'inhibitor') {
  const model = join(folder, 'model');
  const data = join(folder, 'data');
  writeToyModel(model);
  writeToyData(data);
  const steps = { batchSize: 16, maxSteps: 60, checkpointEverySteps: 10 };
  return {
    data: { task: 'custom', source: `dir:${data}`, schema: toySchema, maxLength: 16 },
    teacher: { model: `dir:${model}`, finetune: { epochs: 8, learningRate: 1e-3, ...steps } },
    student: { layers: 1, attention },
    distill: { alignEpochs: 4, epochs: 4, ...steps },
    evaluate: { split: 'test' },
    profile: { lengths: [8], batch: [1], warmupSeconds: 0, windowSeconds: 0.1, reuse: true },
    resources: { threads: 1 },
  };
}

/** The same as one run's resolved spec. */
export function toySpec(folder: string): RunSpec {
  return runSpecOf(makeToy(folder));
}
