// Stage quantize: the linear layers of a model in int8.
import { StillwattError } from '@stillwatt/contracts';
import { quantizeModel } from '@stillwatt/engine';
import type { RunStage } from '../context.ts';
import { loadModelArtifact, modelFiles } from '../inputs.ts';
import { noBackend } from '../runtime.ts';

export const runQuantize: RunStage<'quantize'> = async (context) => {
  const { scheme, granularity } = context.config.quantize;
  if (scheme !== 'int8-dynamic') {
    throw new StillwattError('INPUT_INVALID', `there is nothing to do for scheme ${scheme}`, {
      path: 'quantize.scheme',
      fix: 'a run without quantization has no quantize stage',
    });
  }
  const source = await loadModelArtifact(context.store, context.input('model'));
  const quantized = quantizeModel(source.model, { granularity });
  const { files, model } = modelFiles({ ...source, model: quantized });
  context.events.log('info', `${scheme}, scales ${granularity}: ${model.sizeBytes} bytes`);
  return { kind: 'model', files, summary: { model }, runtime: noBackend };
};
