import { describe, expect, test } from 'vitest';
import { openBackend } from '../backends/open-backend.ts';
import { readSafetensors, type TensorToStore, writeSafetensors } from '../models/safetensors.ts';
import { expectCode } from '../test-support/expect-error.ts';
import { tinyDataset, tinyModel } from '../test-support/tiny-model.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { FinetuneOptions } from './options.ts';
import { trainTeacher } from './teacher.ts';

const head = { fingerprint: 'f', phase: 1, step: 7, losses: [0.5, 0.25] };
const part = (...values: number[]): TensorToStore => ({
  shape: [values.length],
  values: Float32Array.from(values),
});
const whole = { 'w:weight': part(1, 2), 'w:first': part(3, 4), 'w:second': part(5, 6) };

function fileOf(head: unknown, tensors: Record<string, TensorToStore> = whole): Uint8Array {
  const stillwatt = typeof head === 'string' ? head : JSON.stringify(head);
  return writeSafetensors(new Map(Object.entries(tensors)), { stillwatt });
}

test('what is written is read', () => {
  const [weight, first, second] = [1, 2, 3].map((value) => Float32Array.of(value, -value));
  const state = { shape: [1, 2], weight: weight!, first: first!, second: second! };
  const checkpoint = { ...head, states: new Map([['w', state]]) };
  expect(readCheckpoint(writeCheckpoint(checkpoint), 'f')).toEqual(checkpoint);
});

test.each([
  ['no place', writeSafetensors(new Map(Object.entries(whole))), /where the training stands/],
  ['a place that is no JSON', fileOf('{'), /where the training stands/],
  ['a step below zero', fileOf({ ...head, step: -1 }), /where the training stands/],
  ['a loss that is no number', fileOf({ ...head, losses: [null] }), /where the training stands/],
  ['a lost moment', fileOf(head, { ...whole, 'w:second': part() }), /w has no second/],
  ['a longer moment', fileOf(head, { ...whole, 'w:first': part(1, 2, 3) }), /w has no first/],
])('%s is damage', async (_, file, message) => {
  await expectCode(() => readCheckpoint(file, 'f'), 'MODEL_INVALID', message);
});

describe('a checkpoint that does not fit its training', async () => {
  const backend = await openBackend('native', { threads: 1 });
  const options: FinetuneOptions = {
    epochs: 1,
    batchSize: 8,
    learningRate: 1e-3,
    schedule: 'linear',
    warmup: 0.1,
    weightDecay: 0.01,
    maxGradNorm: 1,
    dropout: 0,
    maxLength: 16,
  };
  const input = { backend, model: tinyModel(), dataset: tinyDataset(64), options, seed: 1 };
  let last = new Uint8Array();
  const onCheckpoint = (bytes: Uint8Array): void => void (last = bytes.slice());
  await trainTeacher({ ...input, onCheckpoint, checkpointEverySteps: 2 });
  const { tensors, metadata } = readSafetensors(last);
  const place = JSON.parse(metadata['stillwatt']!) as typeof head;
  const floats = Object.fromEntries(
    [...tensors].map(([name, { shape, bytes }]) => [
      name,
      { shape, values: new Float32Array(new Uint8Array(bytes).buffer) },
    ]),
  );
  const bias = ['weight', 'first', 'second'].map((each) => `head.bias:${each}`);
  const kept = Object.entries(floats).filter(([name]) => !bias.includes(name));

  test.each([
    ['a step after the end', fileOf({ ...place, step: 1000 }, floats), /no step 1000/],
    ['a phase after the end', fileOf({ ...place, phase: 3 }, floats), /of phase 3/],
    ['a missing weight', fileOf(place, Object.fromEntries(kept)), /head.bias is missing/],
    [
      'a shorter weight',
      fileOf(place, { ...floats, ...Object.fromEntries(bias.map((name) => [name, part(1)])) }),
      /head.bias is \[1\], not \[2\]/,
    ],
  ])('%s', async (_, resume, message) => {
    const before = backend.tensorCount();
    await expectCode(() => trainTeacher({ ...input, resume }), 'MODEL_INVALID', message);
    expect(backend.tensorCount()).toBe(before);
  });
});
