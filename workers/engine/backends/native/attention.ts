// Attention cores on native kernels. T = B·N tokens, H = h·d.
import {
  dotAttention,
  dotAttentionGradient,
  inhibitorAttention,
  inhibitorAttentionGradient,
  type NativeKernels,
} from '@stillwatt/native';
import type { AttentionConfig, InhibitorAttention } from '../../models/config.ts';
import type { AttentionInput, InhibitorScalars } from '../attention.ts';
import type { Memory, NativeTensor } from './memory.ts';

interface NativeInput extends AttentionInput {
  readonly projected: NativeTensor;
}

interface AttentionSaved extends NativeInput {
  readonly context: NativeTensor;
  /** (B, h, N) of dot-product attention; the inhibitor computes its distances again. */
  readonly logSumExp: NativeTensor | null;
}

interface NativeGradient {
  readonly projected: NativeTensor;
  readonly scalars?: InhibitorScalars;
}

export function createAttention(kernels: NativeKernels, memory: Memory) {
  function dot(input: NativeInput, context: NativeTensor, keep: boolean): NativeTensor | null {
    const { batch, tokens, heads, features } = input.shape;
    const logSumExp = keep ? memory.allocate([batch, heads, tokens]) : null;
    const [projected, kept] = [input.projected.values, logSumExp?.values ?? null];
    const { lengths } = input;
    const out = context.values;
    dotAttention(kernels, projected, lengths, out, kept, batch, tokens, heads, features);
    return logSumExp;
  }

  function dotGradient(saved: AttentionSaved, dContext: NativeTensor): NativeGradient {
    const { batch, tokens, heads, features } = saved.shape;
    const dProjected = memory.allocate(saved.projected.shape);
    dotAttentionGradient(
      kernels,
      saved.projected.values,
      saved.lengths,
      saved.context.values,
      saved.logSumExp!.values,
      dContext.values,
      dProjected.values,
      batch,
      tokens,
      heads,
      features,
    );
    return { projected: dProjected };
  }

  function inhibitor(
    { shape, projected, lengths, scalars }: NativeInput,
    { normalise, centerOver }: InhibitorAttention,
    context: NativeTensor,
  ): void {
    const { batch, tokens, heads, features } = shape;
    const [alpha, beta, gamma] = arraysOf(scalars);
    inhibitorAttention(
      kernels,
      projected.values,
      lengths,
      context.values,
      alpha,
      beta,
      gamma,
      normalise === 'validKeys',
      centerOver === 'all',
      0,
      0,
      batch,
      tokens,
      heads,
      features,
    );
  }

  function inhibitorGradient(
    { shape, projected, lengths, scalars }: AttentionSaved,
    { normalise, centerOver, qkGradient }: InhibitorAttention,
    dContext: NativeTensor,
  ): NativeGradient {
    const { batch, tokens, heads, features } = shape;
    const [alpha, beta, gamma] = arraysOf(scalars);
    const dProjected = memory.allocate(projected.shape);
    const sums = new Float32Array(2 + beta.length);
    inhibitorAttentionGradient(
      kernels,
      projected.values,
      lengths,
      dContext.values,
      dProjected.values,
      sums,
      alpha,
      beta,
      gamma,
      normalise === 'validKeys',
      centerOver === 'all',
      qkGradient,
      0,
      0,
      batch,
      tokens,
      heads,
      features,
    );
    const gradient = { alpha: sums[0]!, gamma: sums[1]!, beta: sums.slice(2) };
    return { projected: dProjected, scalars: gradient };
  }

  return {
    attention(
      input: NativeInput,
      keep: boolean,
    ): { context: NativeTensor; saved: AttentionSaved | null } {
      const { shape, config } = input;
      const { batch, tokens, heads, features } = shape;
      const context = memory.allocate([batch * tokens, heads * features]);
      let logSumExp: NativeTensor | null = null;
      if (config.kind === 'dot') logSumExp = dot(input, context, keep);
      else inhibitor(input, config, context);
      return { context, saved: keep ? { ...input, context, logSumExp } : null };
    },

    attentionGradient(
      config: AttentionConfig,
      saved: AttentionSaved,
      dContext: NativeTensor,
    ): NativeGradient {
      return config.kind === 'dot'
        ? dotGradient(saved, dContext)
        : inhibitorGradient(saved, config, dContext);
    },
  };
}

function arraysOf(
  scalars: InhibitorScalars | undefined,
): [alpha: Float32Array, beta: Float32Array, gamma: Float32Array] {
  if (!scalars) throw new Error('an inhibitor layer needs its scalars');
  const { alpha, beta, gamma } = scalars;
  return [Float32Array.of(alpha), beta, Float32Array.of(gamma)];
}
