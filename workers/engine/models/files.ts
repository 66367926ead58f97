// Models from and to their files: config.json, model.safetensors, tokenizer.json.
import { StillwattError } from '@stillwatt/contracts';
import { type ModelConfig, parseConfig, writeConfig } from './config.ts';
import type { Model, ModelFiles, Weight } from './model.ts';
import {
  readSafetensors,
  type StoredTensor,
  type TensorToStore,
  toFloat32,
  writeSafetensors,
} from './safetensors.ts';
import { encoderPrefix, ignoredTensors, type PlannedWeight, planWeights } from './weight-plan.ts';

const weightsFile = 'model.safetensors';

/** Reads a model. MODEL_INVALID with the file and the tensor where something is missing, unknown or of the wrong shape. */
export function loadModel(files: ModelFiles): Model {
  const config = parseConfig(file(files, 'config.json'));
  const tokenizerJson = file(files, 'tokenizer.json');
  const { tensors } = readSafetensors(file(files, weightsFile), weightsFile);
  const prefix = encoderPrefix(config);
  const left = new Map<string, StoredTensor>();
  for (const [key, tensor] of tensors) {
    const name = key.startsWith(prefix) ? key.slice(prefix.length) : key;
    if (left.has(name)) throw invalid(`tensor ${name} is there with and without ${prefix}`);
    left.set(name, tensor);
  }
  const weights = new Map<string, Weight>();
  for (const planned of planWeights(config)) {
    if (planned.isOptional && !left.has(planned.stored[0] ?? '')) continue;
    weights.set(planned.name, takeWeight(planned, left, config));
  }
  const unknown = [...left.keys()].filter((name) => !ignoredTensors.test(name));
  if (unknown.length > 0) {
    const message = `tensors that a ${config.family} model does not have: ${unknown.slice(0, 5).join(', ')}`;
    throw invalid(message);
  }
  return { config, weights, tokenizerJson };
}

/** Writes a model: f32 as Python transformers names it; int8 weights as I8 with an F32 `…weight_scale`. */
export function saveModel(model: Model): Map<string, Uint8Array> {
  const { config, weights, tokenizerJson } = model;
  const prefix = config.labels === null ? '' : encoderPrefix(config);
  const tensors = new Map<string, TensorToStore>();
  for (const planned of planWeights(config)) {
    const weight = weights.get(planned.name);
    if (!weight && planned.isOptional) continue;
    if (!weight) throw new Error(`the model lacks ${planned.name}`);
    storeWeight(tensors, planned, weight, planned.isEncoder ? prefix : '', config);
  }
  return new Map([
    ['config.json', writeConfig(config)],
    [weightsFile, writeSafetensors(tensors)],
    ['tokenizer.json', tokenizerJson],
  ]);
}

function takeWeight(
  planned: PlannedWeight,
  left: Map<string, StoredTensor>,
  config: ModelConfig,
): Weight {
  const { shape, stored, role } = planned;
  const parts = stored.map((name) => take(left, name, partShape(planned)));
  if (config.quantization === null || role !== 'linear') {
    const values = parts.map((part, index) => toFloat32(part, stored[index] ?? ''));
    return { shape, values: concatFloats(values) };
  }
  const rows = partShape(planned)[0] ?? 0;
  const perRow = config.quantization.granularity === 'per-channel';
  const scales = stored.map((name) => {
    const key = `${name}_scale`;
    const read = toFloat32(take(left, key, [perRow ? rows : 1]), key);
    return perRow ? read : new Float32Array(rows).fill(read[0] ?? NaN);
  });
  const values = new Int8Array(shape.reduce((product, size) => product * size, 1));
  let at = 0;
  for (const [index, part] of parts.entries()) {
    if (part.dtype !== 'I8') throw invalid(`tensor ${stored[index]} is ${part.dtype}, not I8`);
    values.set(new Int8Array(new Uint8Array(part.bytes).buffer), at);
    at += part.bytes.length;
  }
  return { shape, values, scales: concatFloats(scales) };
}

function storeWeight(
  tensors: Map<string, TensorToStore>,
  planned: PlannedWeight,
  weight: Weight,
  prefix: string,
  config: ModelConfig,
): void {
  const shape = partShape(planned);
  const size = weight.values.length / planned.stored.length;
  for (const [index, name] of planned.stored.entries()) {
    const values = weight.values.subarray(index * size, (index + 1) * size);
    tensors.set(prefix + name, { shape, values });
    if (!weight.scales) continue;
    const rows = shape[0] ?? 0;
    const count = config.quantization?.granularity === 'per-tensor' ? 1 : rows;
    const scales = weight.scales.subarray(index * rows, index * rows + count);
    tensors.set(`${prefix}${name}_scale`, { shape: [count], values: scales });
  }
}

function take(
  left: Map<string, StoredTensor>,
  name: string,
  shape: readonly number[],
): StoredTensor {
  const tensor = left.get(name);
  if (!tensor) throw invalid(`tensor ${name} is missing`);
  if (tensor.shape.join() !== shape.join()) {
    throw invalid(
      `tensor ${name} has shape [${tensor.shape.join()}] where config.json asks [${shape.join()}]`,
    );
  }
  left.delete(name);
  return tensor;
}

/** Shape of each stored part: the weight's, its first axis divided among them. */
function partShape({ shape, stored }: PlannedWeight): number[] {
  const [rows = 0, ...rest] = shape;
  return [rows / stored.length, ...rest];
}

function concatFloats(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1 && parts[0]) return parts[0];
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function file(files: ModelFiles, name: string): Uint8Array {
  const bytes = files.get(name);
  if (bytes) return bytes;
  throw new StillwattError('MODEL_INVALID', `the model has no ${name}`, {
    path: name,
    fix: 'A model is config.json, model.safetensors and tokenizer.json in one folder.',
  });
}

function invalid(message: string): StillwattError {
  return new StillwattError('MODEL_INVALID', `${weightsFile}: ${message}`, {
    path: weightsFile,
    fix: 'Take config.json and model.safetensors from the same model.',
  });
}
