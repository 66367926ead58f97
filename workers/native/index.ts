// Native kernels: attention, linear, training and encoder arithmetic in Rust, one library for Node.js.
export {
  type AttentionInput,
  type AttentionShape,
  dotAttention,
  dotAttentionGradient,
  type Inhibitor,
  inhibitorAttention,
  inhibitorAttentionGradient,
  type QkGradient,
} from './lib/attention.ts';
export type {
  EncoderDescription,
  NativeKernels,
  PackedFloat,
  PackedInt8,
  VariantState,
} from './lib/binding.ts';
export { createKernels, type KernelOptions, listVariants } from './lib/create-kernels.ts';
export {
  createEncoder,
  type Encoder,
  type EncoderFiles,
  type TokenSequences,
} from './lib/encoder.ts';
export {
  add,
  dropout,
  gelu,
  geluGradient,
  geluTanh,
  geluTanhGradient,
  relu,
  reluGradient,
  tanh,
  tanhGradient,
} from './lib/activations.ts';
export { createDropoutMask } from './lib/dropout-mask.ts';
export { int8DotAttention, int8InhibitorAttention } from './lib/int8-attention.ts';
export { int8Linear, packInt8 } from './lib/int8.ts';
export { layerNorm, layerNormGradient } from './lib/layer-norm.ts';
export {
  linear,
  linearGelu,
  linearInputGradient,
  linearWeightGradient,
  packFloat,
} from './lib/linear.ts';
export { measurePeak } from './lib/peak.ts';
export {
  adamw,
  alignLoss,
  crossEntropy,
  distillationLoss,
  embeddingGather,
  embeddingScatterAdd,
  globalNorm,
} from './lib/training.ts';
