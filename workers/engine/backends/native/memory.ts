// Tensors on typed arrays. Memory of temporary ones comes from a pool: fresh pages cost more than the
// arithmetic of a LayerNorm.
import { tensorsIn } from '../tensors-in.ts';

export class NativeTensor {
  readonly shape: readonly number[];
  #values: Float32Array | null;

  constructor(shape: readonly number[], values: Float32Array) {
    this.shape = shape;
    this.#values = values;
  }

  /** Throws once the tensor is freed: its memory may serve another. */
  get values(): Float32Array {
    if (!this.#values) throw new Error(`a tensor of [${this.shape.join()}] was read after its end`);
    return this.#values;
  }

  /** Gives the memory up. */
  release(): Float32Array {
    const { values } = this;
    this.#values = null;
    return values;
  }
}

export class Memory {
  /** Tensors of each open scope, the innermost last. */
  readonly #scopes: Set<NativeTensor>[] = [];
  /** Free memory by size. */
  readonly #pool = new Map<number, ArrayBuffer[]>();
  /** Tensors on memory of the pool; others lie on arrays that callers gave. */
  readonly #pooled = new WeakSet<NativeTensor>();
  #count = 0;

  /** A tensor of any values. */
  allocate(shape: readonly number[]): NativeTensor {
    const length = shape.reduce((product, size) => product * size, 1);
    const bytes = roundUp(4 * length);
    const buffer = this.#pool.get(bytes)?.pop() ?? new ArrayBuffer(bytes);
    const tensor = this.place(new Float32Array(buffer, 0, length), shape);
    this.#pooled.add(tensor);
    return tensor;
  }

  /** A tensor on the caller's array, which nobody changes. */
  place(values: Float32Array, shape: readonly number[]): NativeTensor {
    const tensor = new NativeTensor(shape, values);
    this.#scopes.at(-1)?.add(tensor);
    this.#count++;
    return tensor;
  }

  scope<T>(compute: () => T): T {
    const made = new Set<NativeTensor>();
    const outer = this.#scopes.at(-1);
    this.#scopes.push(made);
    try {
      const result = compute();
      for (const tensor of findTensors(result)) {
        if (made.delete(tensor)) outer?.add(tensor);
      }
      return result;
    } finally {
      this.#scopes.pop();
      for (const tensor of made) this.#free(tensor);
    }
  }

  keep(tensor: NativeTensor): NativeTensor {
    for (const made of this.#scopes) made.delete(tensor);
    return tensor;
  }

  dispose(held: object): void {
    for (const tensor of findTensors(held)) {
      this.keep(tensor);
      this.#free(tensor);
    }
  }

  count(): number {
    return this.#count;
  }

  #free(tensor: NativeTensor): void {
    const { buffer } = tensor.release();
    this.#count--;
    if (!this.#pooled.has(tensor)) return;
    const free = this.#pool.get(buffer.byteLength);
    if (free) free.push(buffer as ArrayBuffer);
    else this.#pool.set(buffer.byteLength, [buffer as ArrayBuffer]);
  }
}

/**
 * Powers of two, so that batches of many lengths share memory. What is asked for beyond the need is
 * never touched, so it costs addresses alone.
 */
function roundUp(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(64, bytes)));
}

function findTensors(held: unknown): Set<NativeTensor> {
  return tensorsIn(held, (value) => value instanceof NativeTensor);
}
