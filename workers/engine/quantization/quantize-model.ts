// A model whose linear layers are int8; embeddings, LayerNorm and biases stay f32.
import { StillwattError } from '@stillwatt/contracts';
import type { Model, Weight } from '../models/model.ts';
import { planWeights } from '../models/weight-plan.ts';
import { quantizeRows } from './int8.ts';

export interface QuantizeOptions {
  /** One scale per output row, or one per matrix of the file. */
  readonly granularity: 'per-channel' | 'per-tensor';
}

/** INPUT_INVALID for a model that is quantized already. */
export function quantizeModel(model: Model, { granularity }: QuantizeOptions): Model {
  if (model.config.quantization !== null) {
    throw new StillwattError('INPUT_INVALID', 'the model is quantized already', {
      fix: 'Give the f32 model of the distill stage.',
    });
  }
  const weights = new Map<string, Weight>(model.weights);
  for (const { name, shape, role, stored } of planWeights(model.config)) {
    const weight = model.weights.get(name);
    if (role !== 'linear' || !weight || weight.scales) continue;
    weights.set(name, quantizeParts(weight.values, shape, stored.length, granularity));
  }
  const config = {
    ...model.config,
    quantization: { scheme: 'int8-dynamic', granularity } as const,
  };
  return { ...model, config, weights };
}

/** Query, key and value are one weight here and three in the file: `per-tensor` means the file's. */
function quantizeParts(
  values: Float32Array,
  shape: readonly number[],
  parts: number,
  granularity: QuantizeOptions['granularity'],
): Weight {
  const [rows = 0, columns = 0] = shape;
  const quantized = { values: new Int8Array(values.length), scales: new Float32Array(rows) };
  const size = values.length / parts;
  for (let part = 0; part < parts; part++) {
    const slice = values.subarray(part * size, (part + 1) * size);
    const result = quantizeRows(slice, columns, granularity);
    quantized.values.set(result.values, part * size);
    quantized.scales.set(result.scales, (part * rows) / parts);
  }
  return { shape, ...quantized };
}
