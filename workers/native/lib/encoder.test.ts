import { expect, test } from 'vitest';
import { tinyFiles } from '../fuzz/tiny-model.ts';
import { createEncoder, createKernels } from '../index.ts';

const files = tinyFiles();
const kernels = createKernels({ threads: 2 });
const two = { ids: Int32Array.of(1, 2, 3, 4, 5), lengths: Int32Array.of(2, 3) };

test('a run gives logits of every sequence, states those of every layer', async () => {
  const encoder = await createEncoder(kernels, files);
  const logits = await encoder.run(two);
  expect(logits).toHaveLength(4);
  const alone = await encoder.run({ ids: Int32Array.of(3, 4, 5), lengths: Int32Array.of(3) });
  expect(logits.subarray(2)).toEqual(alone);
  expect(await encoder.states(two)).toHaveLength(2 * 5 * 8);
  expect(await encoder.run({ ...two, types: new Int32Array(5) })).toEqual(logits);
  encoder.dispose();
});

test('it says what it is and what it takes', async () => {
  const encoder = await createEncoder(kernels, files);
  await encoder.run(two);
  const { loadMs, weightBytes, workspaceBytes, gemm, ...rest } = encoder.describe();
  expect(rest).toEqual({
    family: 'distilbert',
    attention: 'dot',
    precision: 'f32',
    layers: 1,
    hidden: 8,
    vocabulary: 10,
    positions: 16,
    tokenTypes: 0,
    labels: 2,
    variant: kernels.variant,
    threads: 2,
  });
  expect(loadMs).toBeGreaterThan(0);
  expect(weightBytes).toBeGreaterThan(files.weights.length / 2);
  expect(workspaceBytes).toBeGreaterThan(0);
  expect(gemm).toBe(kernels.gemm);
  encoder.dispose();
});

test('files that do not fit together are MODEL_INVALID, with the file and the tensor', async () => {
  const wrong = async (part: Partial<typeof files>) =>
    createEncoder(kernels, { ...files, ...part });
  const config = new TextEncoder().encode(
    new TextDecoder().decode(files.config).replace('"dim":8', '"dim":6'),
  );
  await expect(wrong({ config })).rejects.toMatchObject({
    code: 'MODEL_INVALID',
    path: 'model.safetensors',
    message: expect.stringMatching(/word_embeddings.*\[10, 8\].*\[10, 6\]/) as string,
  });
  await expect(wrong({ config: Uint8Array.of(123) })).rejects.toMatchObject({
    code: 'MODEL_INVALID',
    path: 'config.json',
  });
  await expect(wrong({ weights: files.weights.subarray(0, 999) })).rejects.toMatchObject({
    code: 'MODEL_INVALID',
    message: expect.stringContaining('truncated') as string,
  });
});

test('sequences that the model does not have are INPUT_INVALID', async () => {
  const encoder = await createEncoder(kernels, files);
  const refused = async (part: object, message: RegExp) =>
    expect(encoder.run({ ...two, ...part })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(message) as string,
    });
  await refused({ ids: Int32Array.of(1, 2, 10, 4, 5) }, /ids\[2\] is 10; the model has 0 to 9/);
  await refused({ lengths: Int32Array.of(0, 5) }, /lengths\[0\] is 0; 1 to 16/);
  await refused({ lengths: Int32Array.of(2, 4) }, /ids has 5 values, its shape asks for 6/);
  await refused({ types: new Int32Array(5).fill(1) }, /types\[0\] is 1/);
  await refused({ ids: [1, 2, 3, 4, 5] }, /ids must be of type Int32Array/);
  await refused({ ids: new Int32Array(0), lengths: new Int32Array(0) }, /empty or detached/);
  encoder.dispose();
});

test('a signal ends a run that waits or runs; the others are unharmed', async () => {
  const encoder = await createEncoder(kernels, files);
  const expected = await encoder.run(two);
  await expect(encoder.run(two, AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
  const many = {
    ids: new Int32Array(16 * 20_000).fill(3),
    lengths: new Int32Array(20_000).fill(16),
  };
  const control = new AbortController();
  const running = encoder.run(many, control.signal);
  const after = encoder.run(two);
  setImmediate(() => control.abort());
  await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await after).toEqual(expected);
  encoder.dispose();
});

test('what was given may change and vanish while a run goes on', async () => {
  const encoder = await createEncoder(kernels, files);
  const expected = await encoder.run(two);
  const ids = two.ids.slice();
  const running = encoder.run({ ...two, ids });
  await Promise.resolve(); // the first run starts when its turn comes
  structuredClone(ids.buffer, { transfer: [ids.buffer] });
  expect(await running).toEqual(expected);
  encoder.dispose();
});

test('an encoder that was disposed of says so, after the runs before', async () => {
  const encoder = await createEncoder(kernels, files);
  const before = encoder.run(two);
  encoder.dispose();
  await before;
  await expect(encoder.run(two)).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    message: expect.stringContaining('disposed') as string,
  });
});
