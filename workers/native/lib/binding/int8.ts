// What the library exports for int8 linear layers and attention; meaning and shapes: lib/int8.ts
// and lib/int8-attention.ts.
import type { Sizes } from './attention.ts';

/** An int8 weight laid out for products. */
export interface PackedInt8 {
  readonly outputs: number;
  readonly inputs: number;
  readonly bytes: number;
}

export interface Int8Binding {
  packInt8(values: Int8Array, scales: Float32Array, outputs: number, inputs: number): PackedInt8;
  int8Linear(x: Float32Array, weight: PackedInt8, bias: Float32Array, y: Float32Array): void;
  int8DotAttention(
    projected: Float32Array,
    lengths: Int32Array,
    context: Float32Array,
    ...sizes: Sizes
  ): void;
  int8InhibitorAttention(
    projected: Float32Array,
    lengths: Int32Array,
    context: Float32Array,
    alpha: Float32Array,
    beta: Float32Array,
    gamma: Float32Array,
    normalise: boolean,
    centerOverAll: boolean,
    ...sizes: Sizes
  ): void;
}
