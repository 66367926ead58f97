// What the library exports for attention; meaning and shapes: lib/attention.ts.

export type Sizes = readonly [batch: number, tokens: number, heads: number, features: number];

export type InhibitorValues = readonly [
  alpha: Float32Array,
  beta: Float32Array,
  gamma: Float32Array,
  normalise: boolean,
  centerOverAll: boolean,
  seed: number,
  rate: number,
];

export interface AttentionBinding {
  dotAttention(
    projected: Float32Array,
    lengths: Int32Array,
    context: Float32Array,
    logSumExp: Float32Array | null,
    ...sizes: Sizes
  ): void;
  dotAttentionGradient(
    projected: Float32Array,
    lengths: Int32Array,
    context: Float32Array,
    logSumExp: Float32Array,
    dContext: Float32Array,
    dProjected: Float32Array,
    ...sizes: Sizes
  ): void;
  inhibitorAttention(
    projected: Float32Array,
    lengths: Int32Array,
    context: Float32Array,
    ...settings: readonly [...InhibitorValues, ...Sizes]
  ): void;
  /** scalars: α, then γ, then β; qkGradient: 0 sign, 1 clamp, 2 difference. */
  inhibitorAttentionGradient(
    projected: Float32Array,
    lengths: Int32Array,
    dContext: Float32Array,
    dProjected: Float32Array,
    scalars: Float32Array,
    qkGradient: number,
    ...settings: readonly [...InhibitorValues, ...Sizes]
  ): void;
}
