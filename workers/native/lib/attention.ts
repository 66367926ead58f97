// f32 attention between the projections on native kernels, forward and gradient.
// B sequences of N tokens (padding at the end), h heads of d features, H = h·d; row after row.
// projected (B·N, 3·H): query, key and value side by side. lengths (B): real tokens of each sequence.
// All: INPUT_INVALID for a wrong length or setting, shared memory, or outputs that overlap other arrays.
// A sequence's results depend on itself alone, to the bit: not on threads, batch or variant of kernels.
import { checkFloats, checkIntegers, checkSizes, refuse } from './arrays.ts';
import type { NativeKernels } from './binding.ts';
import { explain } from './failure.ts';

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
  projected: Float32Array,
  lengths: Int32Array,
  context: Float32Array,
  logSumExp: Float32Array | null,
  batch: number,
  tokens: number,
  heads: number,
  features: number,
): void {
  checkShape(projected, lengths, batch, tokens, heads, features);
  checkFloats('context', context, batch, tokens, heads, features);
  if (logSumExp) checkFloats('logSumExp', logSumExp, batch, heads, tokens);
  explain(() =>
    kernels.dotAttention(projected, lengths, context, logSumExp, batch, tokens, heads, features),
  );
}

/** dProjected (B·N, 3·H) of dContext (B·N, H), with what forward gave; 0 at padding. */
export function dotAttentionGradient(
  kernels: NativeKernels,
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
): void {
  checkShape(projected, lengths, batch, tokens, heads, features);
  checkFloats('context', context, batch, tokens, heads, features);
  checkFloats('logSumExp', logSumExp, batch, heads, tokens);
  checkFloats('dContext', dContext, batch, tokens, heads, features);
  checkFloats('dProjected', dProjected, batch, tokens, 3, heads, features);
  explain(() =>
    kernels.dotAttentionGradient(
      projected,
      lengths,
      context,
      logSumExp,
      dContext,
      dProjected,
      batch,
      tokens,
      heads,
      features,
    ),
  );
}

/**
 * context (B·N, H) = β·Σ_j sign(v)·max(|v| − z, 0) over real keys (÷ n with `normalise`), where z =
 * max(γ/√d·(Σ_k |q − k| − mean) + α, 0) and the mean is over real keys, or all N with `centerOverAll`;
 * 0 at padding. alpha, beta, gamma: (1) for the layer or (h). Whole keys (index sequence·N + key of
 * (seed, rate)) are left out for all heads and queries, without scaling the others; rate 0: none.
 * Source: arXiv 2310.02041, equation (5); centring and scalars of the thesis.
 *
 * NaN or infinity in a query, a key, α or γ makes the row NaN.
 */
export function inhibitorAttention(
  kernels: NativeKernels,
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
): void {
  checkShape(projected, lengths, batch, tokens, heads, features);
  checkFloats('context', context, batch, tokens, heads, features);
  checkScalars({ alpha, beta, gamma }, heads);
  explain(() =>
    kernels.inhibitorAttention(
      projected,
      lengths,
      context,
      alpha,
      beta,
      gamma,
      normalise,
      centerOverAll,
      seed,
      rate,
      batch,
      tokens,
      heads,
      features,
    ),
  );
}

/**
 * dProjected (B·N, 3·H) of dContext (B·N, H), and `scalars`: the gradients of α, then γ, then β, each of
 * its parameter's length, summed over the batch. Distances are computed again, nothing is kept. A value
 * passes where |v| > z or z = 0. At padding 0, but for keys under `centerOverAll`.
 */
export function inhibitorAttentionGradient(
  kernels: NativeKernels,
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
  qkGradient: QkGradient,
  seed: number,
  rate: number,
  batch: number,
  tokens: number,
  heads: number,
  features: number,
): void {
  checkShape(projected, lengths, batch, tokens, heads, features);
  checkFloats('dContext', dContext, batch, tokens, heads, features);
  checkFloats('dProjected', dProjected, batch, tokens, 3, heads, features);
  checkScalars({ alpha, beta, gamma }, heads);
  checkFloats('scalars', scalars, alpha.length + gamma.length + beta.length);
  const standIn = qkGradients.indexOf(qkGradient);
  if (standIn < 0) throw refuse(`a qkGradient of ${qkGradient}`);
  explain(() =>
    kernels.inhibitorAttentionGradient(
      projected,
      lengths,
      dContext,
      dProjected,
      scalars,
      alpha,
      beta,
      gamma,
      normalise,
      centerOverAll,
      standIn,
      seed,
      rate,
      batch,
      tokens,
      heads,
      features,
    ),
  );
}

function checkShape(
  projected: Float32Array,
  lengths: Int32Array,
  batch: number,
  tokens: number,
  heads: number,
  features: number,
): void {
  checkSizes({ batch, tokens, heads, features });
  checkFloats('projected', projected, batch, tokens, 3, heads, features);
  checkIntegers('lengths', lengths, batch);
}

function checkScalars(scalars: Readonly<Record<string, Float32Array>>, heads: number): void {
  for (const name in scalars) {
    const values = scalars[name]!;
    checkFloats(name, values, values.length === 1 ? 1 : heads);
  }
}
