import { expect, test } from 'vitest';
import { quantizeModel } from '../quantization/quantize-model.ts';
import { expectCode } from '../test-support/expect-error.ts';
import { inhibitor, tinyModel } from '../test-support/tiny-model.ts';
import { loadModel, saveModel } from './files.ts';
import { describeModel } from './model.ts';
import { readSafetensors, type TensorToStore, toFloat32, writeSafetensors } from './safetensors.ts';

test.each([
  ['BERT', tinyModel()],
  ['BERT without a head', tinyModel({ labels: null })],
  ['DistilBERT', tinyModel({ family: 'distilbert', tokenTypes: 0 })],
  ['inhibitor', tinyModel({ attention: inhibitor })],
  ['int8 per channel', quantizeModel(tinyModel(), { granularity: 'per-channel' })],
  [
    'int8 per tensor',
    quantizeModel(tinyModel({ attention: inhibitor }), { granularity: 'per-tensor' }),
  ],
])('%s: what is saved is loaded, bit for bit', (_, model) => {
  const loaded = loadModel(saveModel(model));
  expect(loaded.config).toEqual(model.config);
  expect(loaded.tokenizerJson).toEqual(model.tokenizerJson);
  expect(loaded.weights).toEqual(model.weights);
});

test('tensors have the names of Python transformers', () => {
  const { tensors } = readSafetensors(saveModel(tinyModel()).get('model.safetensors')!);
  const names = [...tensors.keys()];
  expect(names).toContain('bert.encoder.layer.1.attention.self.key.weight');
  expect(names).toContain('bert.pooler.dense.bias');
  expect(names).toContain('classifier.weight');
  expect(tensors.get('bert.encoder.layer.0.attention.self.query.weight')!.shape).toEqual([16, 16]);
});

test('int8 takes a quarter of the linear layers and is described as such', () => {
  const model = tinyModel();
  const quantized = quantizeModel(model, { granularity: 'per-channel' });
  expect(describeModel(quantized)).toEqual({ ...describeModel(model), precision: 'int8' });
  const { tensors } = readSafetensors(saveModel(quantized).get('model.safetensors')!);
  expect(tensors.get('classifier.weight')!.dtype).toBe('I8');
  expect(tensors.get('classifier.weight_scale')!.shape).toEqual([2]);
});

test('files that do not fit each other are refused', async () => {
  const files = saveModel(tinyModel());
  const refuse = (name: string, bytes: Uint8Array | null, message: RegExp) => {
    const changed = new Map(files);
    if (bytes) changed.set(name, bytes);
    else changed.delete(name);
    return expectCode(() => loadModel(changed), 'MODEL_INVALID', message);
  };
  await refuse('tokenizer.json', null, /no tokenizer.json/);
  await refuse(
    'model.safetensors',
    change(files, (tensors) => tensors.delete('classifier.bias')),
    /classifier.bias is missing/,
  );
  const extra = { shape: [1], values: new Float32Array(1) };
  await refuse(
    'model.safetensors',
    change(files, (tensors) => tensors.set('other.weight', extra)),
    /does not have: other.weight/,
  );
  await refuse(
    'model.safetensors',
    change(files, (tensors) => tensors.set('classifier.bias', extra)),
    /has shape \[1\] where/,
  );
});

function change(
  files: Map<string, Uint8Array>,
  edit: (tensors: Map<string, TensorToStore>) => unknown,
): Uint8Array {
  const { tensors } = readSafetensors(files.get('model.safetensors')!);
  const copy = new Map<string, TensorToStore>();
  for (const [name, tensor] of tensors) {
    copy.set(name, { shape: tensor.shape, values: toFloat32(tensor, name) });
  }
  edit(copy);
  return writeSafetensors(copy);
}
