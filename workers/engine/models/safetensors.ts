// The safetensors format: a bounded reader that trusts nothing in the header, and a writer.
import { StillwattError } from '@stillwatt/contracts';
import { bfloat16ToFloat32, float16ToFloat32 } from './half.ts';

const elementBytes = { F32: 4, F16: 2, BF16: 2, I8: 1, U8: 1, I64: 8 } as const;
export type StoredDtype = keyof typeof elementBytes;

export interface StoredTensor {
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  /** The tensor's bytes: a view into the file, perhaps unaligned. */
  readonly bytes: Uint8Array;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A tensor to write; the dtype follows from the array. */
export interface TensorToStore {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int8Array | Uint8Array;
}

/** The limit of the reference implementation. */
const maxHeaderBytes = 100_000_000;

/** Reads a file. MODEL_INVALID, with the tensor's name, where header and data do not agree in every respect. */
export function readSafetensors(file: Uint8Array, name = 'model.safetensors'): SafetensorsFile {
  if (file.length < 8) throw invalid(name, `${file.length} bytes are too few for a header`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerBytes = view.getBigUint64(0, true);
  if (headerBytes > BigInt(maxHeaderBytes)) {
    throw invalid(name, `a header of ${headerBytes} bytes is over the limit of ${maxHeaderBytes}`);
  }
  const start = 8 + Number(headerBytes);
  if (start > file.length) {
    throw invalid(name, `the header ends at byte ${start}, the file at ${file.length}: truncated`);
  }
  const header = parseHeader(file.subarray(8, start), name);
  const data = file.subarray(start);
  const { __metadata__: metadata, ...entries } = header;
  const tensors = new Map<string, StoredTensor>();
  const ranges: { from: number; to: number; key: string }[] = [];
  for (const [key, entry] of Object.entries(entries)) {
    const { dtype, shape, from, to } = checkEntry(entry, key, data.length, name);
    ranges.push({ from, to, key });
    tensors.set(key, { dtype, shape, bytes: data.subarray(from, to) });
  }
  checkCoverage(ranges, data.length, name);
  return { tensors, metadata: checkMetadata(metadata, name) };
}

/** F32 values of a stored F32, F16 or BF16 tensor; a copy, so that the file can be freed. */
export function toFloat32(tensor: StoredTensor, key: string): Float32Array {
  const { dtype, bytes } = tensor;
  const copy = new Uint8Array(bytes); // not slice(): that of a Node Buffer is a view
  if (dtype === 'F32') return new Float32Array(copy.buffer);
  if (dtype === 'F16') return float16ToFloat32(new Uint16Array(copy.buffer));
  if (dtype === 'BF16') return bfloat16ToFloat32(new Uint16Array(copy.buffer));
  throw invalid('model.safetensors', `tensor ${key} is ${dtype} where a float type is needed`);
}

/** Writes tensors in the order of the map, 8-byte aligned header, data without gaps. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, TensorToStore>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt', ...metadata } };
  let offset = 0;
  for (const [key, { shape, values }] of tensors) {
    const count = shape.reduce((product, size) => product * size, 1);
    if (count !== values.length) throw new RangeError(`${key}: ${values.length} values, ${count}`);
    header[key] = {
      dtype: dtypeOf(values),
      shape,
      data_offsets: [offset, offset + values.byteLength],
    };
    offset += values.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + padded + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.fill(0x20, 8, 8 + padded).set(json, 8);
  let at = 8 + padded;
  for (const { values } of tensors.values()) {
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return file;
}

function dtypeOf(values: TensorToStore['values']): StoredDtype {
  if (values instanceof Float32Array) return 'F32';
  return values instanceof Int8Array ? 'I8' : 'U8';
}

function parseHeader(bytes: Uint8Array, name: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof header === 'object' && header !== null && !Array.isArray(header)) {
      return header as Record<string, unknown>;
    }
  } catch (cause) {
    throw invalid(name, 'the header is not JSON', cause);
  }
  throw invalid(name, 'the header is not an object');
}

function checkEntry(entry: unknown, key: string, dataBytes: number, name: string) {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(elementBytes, dtype)) {
    const known = Object.keys(elementBytes).join(', ');
    throw invalid(name, `tensor ${key} has dtype ${String(dtype)}; known are ${known}`);
  }
  if (!Array.isArray(shape) || shape.length > 8 || !shape.every(isSize)) {
    throw invalid(name, `tensor ${key} has no valid shape`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) {
    throw invalid(name, `tensor ${key} has no valid data_offsets`);
  }
  const [from, to] = offsets as [number, number];
  if (from > to || to > dataBytes) {
    const message = `tensor ${key} lies at ${from}…${to}, the data ends at ${dataBytes}: truncated or damaged`;
    throw invalid(name, message);
  }
  // In floating point a product of sizes cannot wrap around; an absurd one is only larger than the file.
  const needed = shape.reduce((product, size) => product * size, 1);
  const bytes = needed * elementBytes[dtype as StoredDtype];
  if (bytes !== to - from) {
    throw invalid(name, `tensor ${key} needs ${bytes} bytes and has ${to - from}`);
  }
  return { dtype: dtype as StoredDtype, shape: shape, from, to };
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The format allows neither overlap nor holes: both could hide data. */
function checkCoverage(
  ranges: { from: number; to: number; key: string }[],
  dataBytes: number,
  name: string,
): void {
  ranges.sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  for (const { from, to, key } of ranges) {
    if (from < end) throw invalid(name, `tensor ${key} overlaps the one before it`);
    if (from > end) throw invalid(name, `${from - end} unused bytes before tensor ${key}`);
    end = to;
  }
  if (end !== dataBytes) throw invalid(name, `${dataBytes - end} bytes after the last tensor`);
}

function checkMetadata(metadata: unknown, name: string): Record<string, string> {
  if (metadata === undefined) return {};
  const isRecord = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata);
  if (!isRecord || Object.values(metadata).some((value) => typeof value !== 'string')) {
    throw invalid(name, '__metadata__ must map names to strings');
  }
  return metadata as Record<string, string>;
}

function invalid(name: string, message: string, cause?: unknown): StillwattError {
  return new StillwattError('MODEL_INVALID', `${name}: ${message}`, {
    path: name,
    fix: 'Take the file again from its source; this one is damaged or not safetensors.',
    ...(cause === undefined ? {} : { cause }),
  });
}
