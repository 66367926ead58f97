// What the library exports for linear layers; meaning and shapes: lib/linear.ts.

/** A weight laid out for products. */
export interface PackedFloat {
  readonly outputs: number;
  readonly inputs: number;
  readonly bytes: number;
}

export interface LinearBinding {
  packFloat(weight: Float32Array, outputs: number, inputs: number): PackedFloat;
  linear(
    x: Float32Array,
    weight: Float32Array | PackedFloat,
    bias: Float32Array | null,
    y: Float32Array,
    tokens: number,
    inputs: number,
    outputs: number,
  ): void;
  linearGelu(
    x: Float32Array,
    weight: Float32Array | PackedFloat,
    bias: Float32Array | null,
    u: Float32Array | null,
    y: Float32Array,
    tokens: number,
    inputs: number,
    outputs: number,
  ): void;
  linearInputGradient(
    dy: Float32Array,
    weight: Float32Array,
    dx: Float32Array,
    tokens: number,
    inputs: number,
    outputs: number,
    accumulate: boolean,
  ): void;
  linearWeightGradient(
    dy: Float32Array,
    x: Float32Array,
    dWeight: Float32Array,
    dBias: Float32Array | null,
    tokens: number,
    inputs: number,
    outputs: number,
  ): void;
}
