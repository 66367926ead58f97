// Checks of typed arrays before a call, so that an error names the argument and its shape.
import { StillwattError } from '@stillwatt/contracts';

/** Arrays by the names of their arguments; null where none is given. */
type Named<T> = Readonly<Record<string, T | null>>;

/** INPUT_INVALID unless all are Float32Arrays of `shape` in memory of their own. */
export function checkFloats(arrays: Named<Float32Array>, ...shape: readonly number[]): void {
  for (const name in arrays) {
    const array = arrays[name] ?? null;
    if (array === null) continue;
    if (!(array instanceof Float32Array)) throw refuse(`${name} is not a Float32Array`);
    checkPlace(name, array, shape);
  }
}

/** The same for an Int32Array. */
export function checkIntegers(name: string, array: Int32Array, ...shape: readonly number[]): void {
  if (!(array instanceof Int32Array)) throw refuse(`${name} is not an Int32Array`);
  checkPlace(name, array, shape);
}

/** INPUT_INVALID unless all are whole numbers from 1 to 2³² − 1. */
export function checkSizes(sizes: Readonly<Record<string, number>>): void {
  for (const name in sizes) {
    const size = sizes[name]!;
    if (size >>> 0 !== size || size === 0)
      throw refuse(`${name} is ${size}, not a positive integer`);
  }
}

export function refuse(message: string): StillwattError {
  return new StillwattError('INPUT_INVALID', message);
}

function checkPlace(
  name: string,
  array: Float32Array | Int32Array,
  shape: readonly number[],
): void {
  let size = 1;
  for (const side of shape) size *= side;
  if (array.length !== size) {
    throw refuse(
      `${name} has ${array.length} values, its shape (${shape.join(', ')}) asks for ${size}`,
    );
  }
  // memory that another thread may write
  if (array.buffer instanceof SharedArrayBuffer) throw refuse(`${name} is in shared memory`);
}
