// Float arrays for jobs, on shared memory where threads share them; buffers are reused.

const free = new Map<number, SharedArrayBuffer[]>();

/** A zeroed array of `length`; give it back with releaseShared once nobody reads it any more. */
export function takeShared(length: number): Float32Array<SharedArrayBuffer> {
  // Powers of two, so that batches of many lengths reuse the same few buffers.
  const bytes = 2 ** Math.ceil(Math.log2(Math.max(1024, 4 * length)));
  const buffer = free.get(bytes)?.pop() ?? new SharedArrayBuffer(bytes);
  return new Float32Array(buffer, 0, length).fill(0);
}

export function releaseShared(array: Float32Array): void {
  if (!(array.buffer instanceof SharedArrayBuffer)) return;
  const { byteLength } = array.buffer;
  const known = free.get(byteLength);
  if (known) known.push(array.buffer);
  else free.set(byteLength, [array.buffer]);
}
