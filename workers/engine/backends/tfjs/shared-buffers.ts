// Float arrays for jobs, on shared memory so that threads share them; buffers are reused.

export class SharedBuffers {
  readonly #free = new Map<number, SharedArrayBuffer[]>();

  /** A zeroed array of `length`; give it back with `release` once nobody reads it any more. */
  take(length: number): Float32Array<SharedArrayBuffer> {
    // Powers of two, so that batches of many lengths reuse the same few buffers.
    const bytes = 2 ** Math.ceil(Math.log2(Math.max(1024, 4 * length)));
    const buffer = this.#free.get(bytes)?.pop() ?? new SharedArrayBuffer(bytes);
    return new Float32Array(buffer, 0, length).fill(0);
  }

  release(array: Float32Array): void {
    if (!(array.buffer instanceof SharedArrayBuffer)) return;
    const { byteLength } = array.buffer;
    const known = this.#free.get(byteLength);
    if (known) known.push(array.buffer);
    else this.#free.set(byteLength, [array.buffer]);
  }
}
