// int8 attention between f32 projections on native kernels. Shapes and errors as in lib/attention.ts.
// Each head of each sequence is quantized by itself: q, k and v by their largest magnitudes. NaN or infinity
// in a real token makes its head NaN. Results depend neither on threads, batch nor variant, to the bit.
import type { NativeKernels } from './binding.ts';
import {
  type AttentionInput,
  checkInput,
  checkScalars,
  type Inhibitor,
  sizesOf,
} from './attention.ts';
import { refuse } from './arrays.ts';
import { explain } from './failure.ts';

/**
 * context (B·N, H) = softmax(q·k/√d) over real keys, times values, at most 128 features a head; 0 at
 * padding. Sums are exact, weights have 255 steps.
 */
export function int8DotAttention(
  kernels: NativeKernels,
  input: AttentionInput,
  context: Float32Array,
): void {
  const { projected, lengths, shape } = input;
  checkInput(input, { context });
  explain(() => kernels.int8DotAttention(projected, lengths, context, ...sizesOf(shape)));
}

/**
 * context as inhibitorAttention defines it, with scores counted in the steps of the values; 0 at padding.
 * INPUT_INVALID for dropout, which belongs to training.
 */
export function int8InhibitorAttention(
  kernels: NativeKernels,
  input: AttentionInput,
  context: Float32Array,
  inhibitor: Inhibitor,
): void {
  const { projected, lengths, shape } = input;
  checkInput(input, { context });
  checkScalars(inhibitor, shape);
  const { alpha, beta, gamma, normalise, centerOverAll, keyDropout } = inhibitor;
  if (keyDropout !== null) throw refuse('keyDropout is for training: int8 attention has none');
  const settings = [alpha, beta, gamma, normalise, centerOverAll, ...sizesOf(shape)] as const;
  explain(() => kernels.int8InhibitorAttention(projected, lengths, context, ...settings));
}
