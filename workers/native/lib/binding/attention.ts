// Attention: the methods of `binding/src/attention.rs`.

export interface AttentionBinding {
  dotAttention(
    projected: Float32Array,
    lengths: Int32Array,
    context: Float32Array,
    logSumExp: Float32Array | null,
    batch: number,
    tokens: number,
    heads: number,
    features: number,
  ): void;
  dotAttentionGradient(
    projected: Float32Array,
    lengths: Int32Array,
    context: Float32Array,
    logSumExp: Float32Array,
    dContext: Float32Array,
    dProjected: Float32Array,
    batch: number,
    tokens: number,
    heads: number,
    features: number,
  ): void;
  inhibitorAttention(
    projected: Float32Array,
    lengths: Int32Array,
    context: Float32Array,
    alpha: Float32Array,
    beta: Float32Array,
    gamma: Float32Array,
    normalise: boolean,
    centerOverAll: boolean,
    seed: number,
    rate: number,
    batch: number,
    tokens: number,
    heads: number,
    features: number,
  ): void;
  /** scalars: α, then γ, then β; qkGradient: 0 sign, 1 clamp, 2 difference. */
  inhibitorAttentionGradient(
    projected: Float32Array,
    lengths: Int32Array,
    dContext: Float32Array,
    dProjected: Float32Array,
    scalars: Float32Array,
    alpha: Float32Array,
    beta: Float32Array,
    gamma: Float32Array,
    normalise: boolean,
    centerOverAll: boolean,
    qkGradient: number,
    seed: number,
    rate: number,
    batch: number,
    tokens: number,
    heads: number,
    features: number,
  ): void;
}
