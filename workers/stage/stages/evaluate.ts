// Stage evaluate: the task's metrics of a model on one split, with every prediction kept.
import { evaluateModel } from '@stillwatt/engine';
import type { RunStage } from '../context.ts';
import { loadDataset, loadModelArtifact } from '../inputs.ts';
import { createProgress } from '../progress.ts';
import { inferenceRuntimeOf } from '../runtime.ts';
import { jsonFile } from '../json-file.ts';

export const runEvaluate: RunStage<'evaluate'> = async (context) => {
  const { config, store, events, signal } = context;
  const { split, batchSize } = config.evaluate;
  const dataset = await loadDataset(store, context.input('dataset'));
  const { model } = await loadModelArtifact(store, context.input('model'));
  const backend = await context.openBackend(config.backend);
  events.print({ type: 'phase', phase: `evaluating ${split}` });
  const { logits, labels, loss, n, truncated, metrics } = await evaluateModel({
    backend,
    model,
    dataset,
    split,
    batchSize,
    maxLength: config.maxLength,
    onProgress: createProgress(events, 'examples'),
    signal,
  });
  for (const [name, value] of Object.entries(metrics)) {
    events.print({ type: 'metric', name: `${split}/${name}`, step: 0, value });
  }
  const figures = Object.entries(metrics).map(([name, value]) => `${name} ${value?.toFixed(4)}`);
  events.log('info', `${split}, n = ${n}: ${figures.join(', ')}; ${truncated} texts were cut`);
  return {
    kind: 'evaluation',
    files: new Map([
      ['evaluation.json', jsonFile({ version: 1, split, n, labels, truncated, loss, metrics })],
      // (n, labels) f32, little-endian, in the order of the split: for paired tests between models.
      ['logits.f32', new Uint8Array(logits.buffer, logits.byteOffset, logits.byteLength)],
    ]),
    summary: { metrics: { ...metrics }, n, truncated },
    runtime: inferenceRuntimeOf(backend, model),
  };
};
