import { describe, expect, test } from 'vitest';
import { expectCode } from '../test-support/expect-error.ts';
import { readSafetensors, toFloat32, writeSafetensors } from './safetensors.ts';

function fileOf(header: unknown, dataBytes: number): Uint8Array {
  const json = typeof header === 'string' ? header : JSON.stringify(header);
  const text = new TextEncoder().encode(json);
  const file = new Uint8Array(8 + text.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  return file;
}

const f32 = (from: number, to: number, shape = [(to - from) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [from, to],
});

test('what is written is read, bit for bit', () => {
  const file = writeSafetensors(
    new Map([
      ['a', { shape: [2, 2], values: Float32Array.of(1.5, -0, NaN, 3e-42) }],
      ['b', { shape: [3], values: Int8Array.of(-127, 0, 127) }],
      ['empty', { shape: [0, 4], values: new Float32Array(0) }],
      ['c', { shape: [1], values: Uint8Array.of(255) }],
    ]),
    { note: 'x' },
  );
  const { tensors, metadata } = readSafetensors(file);
  expect(metadata).toEqual({ format: 'pt', note: 'x' });
  expect([...tensors].map(([name, { dtype, shape }]) => [name, dtype, shape])).toEqual([
    ['a', 'F32', [2, 2]],
    ['b', 'I8', [3]],
    ['empty', 'F32', [0, 4]],
    ['c', 'U8', [1]],
  ]);
  const bits = new Uint8Array(toFloat32(tensors.get('a')!, 'a').buffer);
  expect(bits).toEqual(new Uint8Array(Float32Array.of(1.5, -0, NaN, 3e-42).buffer));
});

test('half precision is exact, subnormals and infinities too', () => {
  const header = {
    h: { dtype: 'F16', shape: [5], data_offsets: [0, 10] },
    b: { dtype: 'BF16', shape: [2], data_offsets: [10, 14] },
  };
  const file = fileOf(header, 14);
  const view = new DataView(file.buffer, file.length - 14);
  const bits = [0x3c00, 0xc001, 0x0001, 0x7c00, 0x7e00, 0x3f80, 0xc049];
  bits.forEach((value, index) => view.setUint16(2 * index, value, true));
  const { tensors } = readSafetensors(file);
  const half = toFloat32(tensors.get('h')!, 'h');
  expect([...half]).toEqual([1, -2.001953125, 2 ** -24, Infinity, NaN]);
  expect([...toFloat32(tensors.get('b')!, 'b')]).toEqual([1, -3.140625]);
});

describe('a damaged file is refused with its reason', () => {
  const huge = new Uint8Array(16);
  new DataView(huge.buffer).setBigUint64(0, 2n ** 63n, true);
  const valid = writeSafetensors(new Map([['a', { shape: [4], values: new Float32Array(4) }]]));
  const cases: [string, Uint8Array, RegExp][] = [
    ['empty', new Uint8Array(3), /too few/],
    ['header length beyond any file', huge, /over the limit/],
    ['cut in the header', valid.subarray(0, 20), /truncated/],
    ['cut in the data', valid.subarray(0, valid.length - 1), /truncated/],
    ['not JSON', fileOf('{"a":', 0), /not JSON/],
    ['not an object', fileOf([], 0), /not an object/],
    ['unknown dtype', fileOf({ a: { ...f32(0, 4), dtype: 'F4' } }, 4), /dtype F4/],
    ['inherited dtype', fileOf({ a: { ...f32(0, 4), dtype: 'toString' } }, 4), /dtype toString/],
    ['negative size', fileOf({ a: f32(0, 4, [-1]) }, 4), /valid shape/],
    ['shape that overflows', fileOf({ a: f32(0, 4, [2 ** 40, 2 ** 40]) }, 4), /needs/],
    [
      'offsets beyond integers',
      fileOf({ a: { ...f32(0, 4), data_offsets: [0, 2 ** 60] } }, 4),
      /offsets/,
    ],
    ['offsets backwards', fileOf({ a: { ...f32(0, 4), data_offsets: [4, 0] } }, 4), /damaged/],
    ['offsets beyond the data', fileOf({ a: f32(0, 8) }, 4), /truncated or damaged/],
    ['overlap', fileOf({ a: f32(0, 8), b: f32(4, 12) }, 12), /overlaps/],
    ['hole', fileOf({ a: f32(0, 4), b: f32(8, 12) }, 12), /unused bytes/],
    ['bytes after the end', fileOf({ a: f32(0, 4) }, 12), /after the last/],
    ['metadata that is no map of strings', fileOf({ __metadata__: { a: 1 } }, 0), /__metadata__/],
  ];
  test.each(cases)('%s', async (_, file, message) => {
    await expectCode(() => readSafetensors(file), 'MODEL_INVALID', message);
  });
});
