// Arguments of any kind from a seed: numbers at edges, arrays of all types in all states, objects of the library.
import { tinyFiles } from './tiny-model.ts';

const numbers = [0, 1, 2, 3, 4, 5, 8, 12, 16, 64, -1, 0.5, -0, 1e-40, NaN, Infinity, -Infinity];
const largeNumbers = [
  127,
  4096,
  2 ** 16,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53,
  1e308,
];
const lengths = [0, 1, 2, 3, 4, 8, 9, 12, 16, 36, 48, 64, 256];
const kinds = [
  Float32Array,
  Float32Array,
  Float32Array,
  Int32Array,
  Int8Array,
  Uint8Array,
  Float64Array,
  Uint16Array,
  BigInt64Array,
] as const;

export class Arguments {
  readonly model = tinyFiles();
  #state: number;
  /** Objects that calls gave back: they live on, and come again. */
  readonly #objects: unknown[] = [];
  /** Arrays of the last call. */
  #arrays: ArrayBufferView[] = [];

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  below(count: number): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) % count;
  }

  /** One in `count`. */
  chance(count: number): boolean {
    return this.below(count) === 0;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  remember(value: unknown): void {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
    if (this.#objects.length < 64) this.#objects.push(value);
    else this.#objects[5 + this.below(59)] = value; // the first ones stay
  }

  /** Arguments of a call at random: half of the time of one size. */
  list(): unknown[] {
    const size = this.chance(2) ? this.pick(lengths) : null;
    return Array.from({ length: this.below(15) }, () => this.value(size));
  }

  /** The same arguments with up to two of them wrong in some way. */
  damage(values: readonly unknown[]): unknown[] {
    const damaged = [...values];
    for (let times = this.below(3); times > 0; times--) {
      const at = this.below(damaged.length);
      const value = damaged[at];
      const other = damaged[this.below(damaged.length)];
      const kind = this.below(8);
      if (kind === 0) damaged.splice(at, 1);
      else if (kind === 1)
        damaged[at] = other; // of another kind, or the same memory twice
      else if (kind === 2 && typeof value === 'number') damaged[at] = value + this.below(3) - 1;
      else if (kind <= 4 && ArrayBuffer.isView(value))
        damaged[at] = this.reshape(value as Float32Array);
      else if (kind <= 4 && Array.isArray(value) && value.length > 0)
        damaged[at] = this.trap(value);
      else damaged[at] = this.value();
    }
    return damaged;
  }

  /** What the last call was given: `disturb` may take it away while the call runs. */
  watch(values: readonly unknown[]): void {
    this.#arrays = values.flat().filter((value) => ArrayBuffer.isView(value));
  }

  value(size: number | null = null): unknown {
    switch (this.below(16)) {
      case 0:
        return null;
      case 1:
        return this.chance(4) ? undefined : this.chance(2);
      case 2:
        return this.pick([
          '',
          'avx2',
          'scalar',
          'dot',
          '\0',
          'ü'.repeat(99),
          {},
          [],
          Symbol('x'),
          7n,
          () => 1,
        ]);
      case 3:
        return this.pick(this.#objects);
      case 4:
        return Array.from({ length: this.below(4) }, () => this.array(size));
      case 5:
      case 6:
      case 7:
        return size ?? this.pick(numbers);
      case 8:
        return this.pick(this.chance(8) ? largeNumbers : numbers);
      case 9:
        return this.chance(30) ? this.strange() : this.pick(numbers);
      default:
        return this.array(size);
    }
  }

  /** Detaches or shrinks memory that a call was given, as careless or hostile code would while it runs. */
  disturb(): void {
    if (!this.chance(4)) return;
    for (const { buffer } of this.#arrays) {
      if (buffer instanceof SharedArrayBuffer) continue;
      if (buffer.resizable) buffer.resize(this.below(8));
      else if (!buffer.detached) structuredClone(buffer, { transfer: [buffer] });
    }
  }

  /** A list that takes away the call's memory while it is read. */
  private trap(list: readonly unknown[]): unknown[] {
    const [trapped, at] = [[...list], this.below(list.length)];
    const get = (): unknown => {
      this.disturb();
      return list[at];
    };
    return Object.defineProperty(trapped, at, { get });
  }

  /** The same values in memory that is shorter, longer, shared, resizable, in the middle of more, or gone. */
  private reshape(array: Float32Array): ArrayBufferView {
    const Kind = array.constructor as Float32ArrayConstructor;
    const length = Math.max(0, array.length + this.pick([0, 0, 0, -1, 1]));
    const offset = this.below(3) * Kind.BYTES_PER_ELEMENT;
    const bytes = length * Kind.BYTES_PER_ELEMENT + offset;
    const memory = this.memory(bytes);
    const follows = memory.resizable && this.chance(2); // its length is that of the memory
    const copy = follows ? new Kind(memory, offset) : new Kind(memory, offset, length);
    for (let at = 0; at < copy.length; at++) copy[at] = array[at] ?? copy[at]!;
    if (this.chance(3) && copy.buffer instanceof ArrayBuffer) {
      if (copy.buffer.resizable) copy.buffer.resize(this.below(bytes + 1));
      else structuredClone(copy.buffer, { transfer: [copy.buffer] });
    }
    return copy;
  }

  private array(size: number | null): ArrayBufferView {
    const length = size !== null && !this.chance(4) ? size : this.pick(lengths);
    const Kind = this.pick(kinds);
    const bytes = length * Kind.BYTES_PER_ELEMENT;
    const offset = this.below(3) * Kind.BYTES_PER_ELEMENT;
    const array = new Kind(this.memory(bytes + offset), offset, length);
    if (!(array instanceof BigInt64Array)) {
      const largest = this.pick([0, 1, 3, 300]);
      for (let at = 0; at < array.length; at++) array[at] = this.below(largest + 1) - this.below(2);
      if (this.chance(10) && array.length > 0)
        array[0] = this.pick([NaN, Infinity, -1, 1e38, 1e-45]);
    }
    return array;
  }

  /** Typed as plain memory whatever it is, as a caller without types may have it. */
  private memory(bytes: number): ArrayBuffer {
    // The same memory again: arguments that overlap.
    const last = this.#arrays.at(-1)?.buffer;
    if (last && last.byteLength >= Math.max(bytes, 1) && this.chance(12))
      return last as ArrayBuffer;
    if (this.chance(30)) return new SharedArrayBuffer(bytes) as unknown as ArrayBuffer;
    return this.chance(20)
      ? new ArrayBuffer(bytes, { maxByteLength: 2 * bytes + 8 })
      : new ArrayBuffer(bytes);
  }

  private strange(): unknown {
    return this.pick([
      new Proxy({}, {}),
      new DataView(new ArrayBuffer(8)),
      new ArrayBuffer(64),
      Object.create(this.pick(this.#objects) as object),
      Object.setPrototypeOf(
        {},
        Object.getPrototypeOf(this.pick(this.#objects) as object) as object,
      ),
      Object.create(Float32Array.prototype),
      new Date(0),
      {
        valueOf(): never {
          throw new TypeError('a hostile value');
        },
      },
    ]);
  }
}
