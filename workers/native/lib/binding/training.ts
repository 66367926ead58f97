// What the library exports for a training step; meaning and shapes: lib/training.ts, layer-norm.ts and
// activations.ts.

export interface TrainingBinding {
  layerNorm(
    x: Float32Array,
    residual: Float32Array | null,
    seed: number,
    rate: number,
    weight: Float32Array,
    bias: Float32Array,
    epsilon: number,
    normalised: Float32Array | null,
    inverse: Float32Array | null,
    y: Float32Array,
    tokens: number,
    hidden: number,
  ): void;
  layerNormGradient(
    dy: Float32Array,
    normalised: Float32Array,
    inverse: Float32Array,
    weight: Float32Array,
    seed: number,
    rate: number,
    dSum: Float32Array,
    dx: Float32Array | null,
    dWeight: Float32Array,
    dBias: Float32Array,
    tokens: number,
    hidden: number,
  ): void;
  gelu(x: Float32Array, y: Float32Array): void;
  geluGradient(dy: Float32Array, x: Float32Array, dx: Float32Array): void;
  geluTanh(x: Float32Array, y: Float32Array): void;
  geluTanhGradient(dy: Float32Array, x: Float32Array, dx: Float32Array): void;
  tanh(x: Float32Array, y: Float32Array): void;
  tanhGradient(dy: Float32Array, y: Float32Array, dx: Float32Array): void;
  relu(x: Float32Array, y: Float32Array): void;
  reluGradient(dy: Float32Array, y: Float32Array, dx: Float32Array): void;
  add(a: Float32Array, b: Float32Array, y: Float32Array): void;
  dropout(x: Float32Array, y: Float32Array, seed: number, rate: number): void;
  embeddingGather(
    table: Float32Array,
    ids: Int32Array,
    y: Float32Array,
    tokens: number,
    hidden: number,
    accumulate: boolean,
  ): void;
  embeddingScatterAdd(
    dy: Float32Array,
    ids: Int32Array,
    dTable: Float32Array,
    tokens: number,
    hidden: number,
  ): void;
  alignLoss(
    student: Float32Array,
    teacher: Float32Array,
    lengths: Int32Array,
    batch: number,
    tokens: number,
    hidden: number,
    weight: number,
    gradient: Float32Array,
  ): number;
  crossEntropy(
    logits: Float32Array,
    labels: Int32Array,
    gradient: Float32Array,
    batch: number,
    classes: number,
  ): number;
  distillationLoss(
    student: Float32Array,
    teacher: Float32Array,
    temperature: number,
    gradient: Float32Array,
    batch: number,
    classes: number,
  ): number;
  globalNorm(gradients: readonly Float32Array[]): number;
  adamw(
    weights: readonly Float32Array[],
    gradients: readonly Float32Array[],
    first: readonly Float32Array[],
    second: readonly Float32Array[],
    decays: Uint8Array,
    step: number,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    weightDecay: number,
    gradientScale: number,
  ): void;
}
