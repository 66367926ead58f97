// f32 attention between the projections on native kernels, forward and gradient.
// B sequences of N tokens (padding at the end), h heads of d features, H = h·d; row after row.
// All: INPUT_INVALID for a wrong length or setting, shared memory, or outputs that overlap other arrays.
// A sequence's results depend on itself alone, to the bit: not on threads, batch or variant of kernels.
import { checkFloats, checkIntegers, checkSizes, refuse } from './arrays.ts';
import type { NativeKernels } from './binding.ts';
import type { InhibitorValues, Sizes } from './binding/attention.ts';
import { explain } from './failure.ts';

export interface AttentionInput {
  /** (B·N, 3·H): query, key and value side by side. */
  readonly projected: Float32Array;
  /** (B): real tokens of each sequence. */
  readonly lengths: Int32Array;
  readonly shape: AttentionShape;
}

export interface AttentionShape {
  /** B */
  readonly batch: number;
  /** N */
  readonly tokens: number;
  /** h */
  readonly heads: number;
  /** d */
  readonly features: number;
}

/** What a layer has learned, and its settings. */
export interface Inhibitor {
  /** (1) for the layer or (h), as β and γ. */
  readonly alpha: Float32Array;
  readonly beta: Float32Array;
  readonly gamma: Float32Array;
  /** Divides the sum over keys by n, the real ones. */
  readonly normalise: boolean;
  /** Centres scores over all N keys instead of the n real ones. */
  readonly centerOverAll: boolean;
  /**
   * Whole keys (index sequence·N + key of (seed, rate)) are left out for all heads and queries, without
   * scaling the others.
   */
  readonly keyDropout: { readonly seed: number; readonly rate: number } | null;
}

/** What stands for the derivative of the distance |x|: sign(x) with sign(0) = 0, x limited to ±1, or x. */
export type QkGradient = 'sign' | 'clamp' | 'difference';

const qkGradients: readonly QkGradient[] = ['sign', 'clamp', 'difference'];

/**
 * context (B·N, H) = softmax(q·k/√d) over real keys, times values; 0 at padding. logSumExp (B, h, N): the
 * logarithm of each row's sum of exponentials, for the gradient; null where none is asked for.
 *
 * NaN in a query or key, or a score of +∞, makes the row NaN.
 */
export function dotAttention(
  kernels: NativeKernels,
  input: AttentionInput,
  context: Float32Array,
  logSumExp: Float32Array | null,
): void {
  const { projected, lengths, shape } = input;
  checkInput(input, { context });
  checkFloats({ logSumExp }, shape.batch, shape.heads, shape.tokens);
  explain(() => kernels.dotAttention(projected, lengths, context, logSumExp, ...sizesOf(shape)));
}

/** dProjected (B·N, 3·H) of dContext (B·N, H), with what forward gave; 0 at padding. */
export function dotAttentionGradient(
  kernels: NativeKernels,
  input: AttentionInput,
  context: Float32Array,
  logSumExp: Float32Array,
  dContext: Float32Array,
  dProjected: Float32Array,
): void {
  const { projected, lengths, shape } = input;
  checkInput(input, { context, dContext });
  checkFloats({ logSumExp }, shape.batch, shape.heads, shape.tokens);
  checkProjected({ dProjected }, shape);
  const forward = [projected, lengths, context, logSumExp] as const;
  explain(() => kernels.dotAttentionGradient(...forward, dContext, dProjected, ...sizesOf(shape)));
}

/**
 * context (B·N, H) = β·Σ_j sign(v)·max(|v| − z, 0) over real keys (÷ n with `normalise`), where z =
 * max(γ/√d·(Σ_k |q − k| − mean) + α, 0) and the mean is over real keys, or all N with `centerOverAll`;
 * 0 at padding. Source: arXiv 2310.02041, equation (5); centring and scalars of the thesis.
 *
 * NaN or infinity in a query, a key, α or γ makes the row NaN.
 */
export function inhibitorAttention(
  kernels: NativeKernels,
  input: AttentionInput,
  context: Float32Array,
  inhibitor: Inhibitor,
): void {
  const { projected, lengths, shape } = input;
  checkInput(input, { context });
  checkScalars(inhibitor, shape);
  const settings = [...valuesOf(inhibitor), ...sizesOf(shape)] as const;
  explain(() => kernels.inhibitorAttention(projected, lengths, context, ...settings));
}

/**
 * dProjected (B·N, 3·H) of dContext (B·N, H), and `scalars`: the gradients of α, then γ, then β, each of
 * its parameter's length, summed over the batch. Distances are computed again, nothing is kept. A value
 * passes where |v| > z or z = 0. At padding 0, but for keys under `centerOverAll`.
 */
export function inhibitorAttentionGradient(
  kernels: NativeKernels,
  input: AttentionInput,
  dContext: Float32Array,
  dProjected: Float32Array,
  scalars: Float32Array,
  inhibitor: Inhibitor,
  qkGradient: QkGradient,
): void {
  const { projected, lengths, shape } = input;
  checkInput(input, { dContext });
  checkProjected({ dProjected }, shape);
  checkScalars(inhibitor, shape);
  const { alpha, beta, gamma } = inhibitor;
  checkFloats({ scalars }, alpha.length + gamma.length + beta.length);
  const standIn = qkGradients.indexOf(qkGradient);
  if (standIn < 0) throw refuse(`a qkGradient of ${qkGradient}`);
  const arrays = [projected, lengths, dContext, dProjected, scalars] as const;
  const settings = [...valuesOf(inhibitor), ...sizesOf(shape)] as const;
  explain(() => kernels.inhibitorAttentionGradient(...arrays, standIn, ...settings));
}

type Arrays = Readonly<Record<string, Float32Array>>;

/** The input, and arrays of a context's shape. */
export function checkInput({ projected, lengths, shape }: AttentionInput, contexts: Arrays): void {
  const { batch, tokens, heads, features } = shape;
  checkSizes({ batch, tokens, heads, features });
  checkProjected({ projected }, shape);
  checkIntegers('lengths', lengths, batch);
  checkFloats(contexts, batch, tokens, heads, features);
}

function checkProjected(arrays: Arrays, { batch, tokens, heads, features }: AttentionShape): void {
  checkFloats(arrays, batch, tokens, 3, heads, features);
}

export function checkScalars({ alpha, beta, gamma }: Inhibitor, { heads }: AttentionShape): void {
  for (const [name, values] of Object.entries({ alpha, beta, gamma })) {
    checkFloats({ [name]: values }, values.length === 1 ? 1 : heads);
  }
}

export function sizesOf({ batch, tokens, heads, features }: AttentionShape): Sizes {
  return [batch, tokens, heads, features];
}

function valuesOf(inhibitor: Inhibitor): InhibitorValues {
  const { alpha, beta, gamma, normalise, centerOverAll, keyDropout } = inhibitor;
  const { seed, rate } = keyDropout ?? { seed: 0, rate: 0 };
  return [alpha, beta, gamma, normalise, centerOverAll, seed, rate];
}
